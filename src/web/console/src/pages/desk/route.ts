import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/desk', title: { zh: '坐席工作台', en: 'Agent desk' }, may: ['desk.work', 'desk.view'], load: () => import('./Desk.svelte'), nav: { group: 'floor', order: 30, icon: 'desk' } },
]
