import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [{ path: '/me', title: { zh: '我的账号', en: 'My account' }, may: [], load: () => import('./Me.svelte') }]
