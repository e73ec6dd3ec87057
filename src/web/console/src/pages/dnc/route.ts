import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/dnc', title: { zh: '禁呼名单', en: 'DNC list' }, may: ['dnc.view'], load: () => import('./Dnc.svelte'), nav: { group: 'quality', order: 50, icon: 'dnc' } },
]
