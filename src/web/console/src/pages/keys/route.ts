import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/keys', title: { zh: 'API 密钥', en: 'API keys' }, may: ['keys.edit'], load: () => import('./Keys.svelte'), nav: { group: 'admin', order: 20, icon: 'keys' } },
]
