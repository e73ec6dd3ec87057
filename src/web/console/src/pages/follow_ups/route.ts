import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/follow_ups', title: { zh: '跟进', en: 'Follow-ups' }, may: ['follow_ups.view'], load: () => import('./FollowUps.svelte'), nav: { group: 'quality', order: 40, icon: 'follow_ups' } },
]
