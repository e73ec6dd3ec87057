import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  { path: '/contacts', title: { zh: '客户', en: 'Contacts' }, may: ['contacts.view'], load: () => import('./Contacts.svelte'), nav: { group: 'quality', order: 30, icon: 'contacts' } },
  { path: '/contacts/:contact', title: { zh: '客户', en: 'Contact' }, may: ['contacts.view'], load: () => import('./Contact.svelte') },
]
