import { area } from './index.svelte'

export const t = area({
  title: { zh: '实时通话墙', en: 'Live wall' },
})
