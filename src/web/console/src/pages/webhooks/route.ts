import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/webhooks', title: { zh: '事件推送', en: 'Webhooks' }, may: ['webhooks.edit'], load: () => import('./Webhooks.svelte'), nav: { group: 'work', order: 60, icon: 'webhooks' } },
  { path: '/webhooks/:hook', title: { zh: '事件推送', en: 'Webhook' }, may: ['webhooks.edit'], load: () => import('./Hook.svelte') },
]
