import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/tenants', title: { zh: '商户', en: 'Tenants' }, may: ['tenants.edit'], load: () => import('./Tenants.svelte'), nav: { group: 'admin', order: 40, icon: 'tenants' } },
]
