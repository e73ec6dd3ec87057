import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  {
    path: '/campaigns',
    title: { zh: '外呼任务', en: 'Campaigns' },
    may: ['campaigns.view'],
    load: () => import('./Campaigns.svelte'),
    nav: { group: 'work', order: 10, icon: 'campaigns' },
  },
  { path: '/campaigns/:campaign', title: { zh: '外呼任务', en: 'Campaign' }, may: ['campaigns.view'], load: () => import('./Campaign.svelte') },
]
