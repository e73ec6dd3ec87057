import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/audit', title: { zh: '审计日志', en: 'Audit log' }, may: ['audit.view'], load: () => import('./Audit.svelte'), nav: { group: 'admin', order: 30, icon: 'audit' } },
]
