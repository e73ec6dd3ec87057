import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/stats', title: { zh: '统计', en: 'Statistics' }, may: ['stats.view'], load: () => import('./Statistics.svelte'), nav: { group: 'quality', order: 20, icon: 'stats' } },
]
