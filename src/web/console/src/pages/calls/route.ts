import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/calls', title: { zh: '通话记录', en: 'Calls' }, may: ['calls.view'], load: () => import('./Calls.svelte'), nav: { group: 'floor', order: 20, icon: 'calls' } },
  { path: '/calls/:call', title: { zh: '通话', en: 'Call' }, may: ['calls.view', 'desk.work'], load: () => import('./Call.svelte') },
]
