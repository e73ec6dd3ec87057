import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/qc', title: { zh: '质检', en: 'Quality' }, may: ['qc.view'], load: () => import('./Quality.svelte'), nav: { group: 'quality', order: 10, icon: 'qc' } },
]
