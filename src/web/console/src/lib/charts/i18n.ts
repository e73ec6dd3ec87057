import { area } from '../../i18n/index.svelte'

export const t = area({
  step: { zh: '节点', en: 'Step' },
  reached: { zh: '到达', en: 'Reached' },
  lost: { zh: '在此结束', en: 'Ended here' },
  best_hours: { zh: '接通率最高：{hours}', en: 'Most calls are answered at {hours}' },
  hour_told: { zh: '{hour}:00　拨打 {dialed}，接通 {connected}（{rate}）', en: '{hour}:00 · {dialed} dialled, {connected} answered ({rate})' },
  time: { zh: '时间', en: 'Time' },
  dialed: { zh: '拨打', en: 'Dialled' },
  connected: { zh: '接通', en: 'Answered' },
  no_hours: { zh: '还没有拨打记录', en: 'Nothing dialled yet' },
  no_hours_yet: { zh: '拨打量还少，暂不评最佳时段', en: 'Too few calls yet to name the best hours' },
})
