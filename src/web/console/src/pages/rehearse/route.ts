import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  {
    path: '/rehearse',
    title: { zh: '试讲', en: 'Rehearse' },
    may: ['dialplans.rehearse'],
    load: () => import('./RehearsePage.svelte'),
    nav: { group: 'work', order: 30, icon: 'rehearse' },
  },
]
