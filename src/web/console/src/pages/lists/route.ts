import type { Route } from '../../lib/router.svelte'

export const routes: Route[] = [
  {
    path: '/lists/upload',
    title: { zh: '导入名单', en: 'Import a list' },
    may: ['lists.upload'],
    load: () => import('./Upload.svelte'),
    nav: { group: 'work', order: 15, icon: 'upload' },
  },
]
