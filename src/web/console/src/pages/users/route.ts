import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/users', title: { zh: '成员', en: 'People' }, may: ['users.edit'], load: () => import('./Users.svelte'), nav: { group: 'admin', order: 10, icon: 'users' } },
]
