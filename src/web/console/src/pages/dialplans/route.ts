import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  {
    path: '/dialplans',
    title: { zh: '话术', en: 'Dialplans' },
    may: ['dialplans.view'],
    load: () => import('./Dialplans.svelte'),
    nav: { group: 'work', order: 20, icon: 'dialplans' },
  },
  { path: '/dialplans/:name', title: { zh: '话术', en: 'Dialplan' }, may: ['dialplans.view'], load: () => import('./Plan.svelte') },
]
