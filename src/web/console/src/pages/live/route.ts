import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/live', title: { zh: '实时通话墙', en: 'Live wall' }, may: ['live.view'], load: () => import('./LiveWall.svelte'), nav: { group: 'floor', order: 10, icon: 'live' } },
]
