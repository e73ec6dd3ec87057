import { area } from '../../i18n/index.svelte'

export const t = area({
  title: { zh: '跟进', en: 'Follow-ups' },
  sub: { zh: '客户约好的回访和话术排出的跟进，到期的排在前面。', en: 'Call-backs promised and follow-ups scheduled by dialplans; those due come first.' },
  due: { zh: '应跟进', en: 'Due' },
  lead: { zh: '客户', en: 'Lead' },
  phone: { zh: '号码', en: 'Number' },
  reason: { zh: '事由', en: 'Reason' },
  campaign: { zh: '来自任务', en: 'From' },
  state: { zh: '状态', en: 'State' },
  overdue: { zh: '已到期', en: 'Due now' },
  waiting: { zh: '未到期', en: 'Later' },
  done: { zh: '已完成', en: 'Done' },
  finish: { zh: '完成', en: 'Done' },
  finished: { zh: '已标为完成', en: 'Marked as done' },
  open_only: { zh: '未完成', en: 'Open' },
  all: { zh: '全部', en: 'All' },
  show: { zh: '显示', en: 'Show' },
  none: { zh: '没有要跟进的客户', en: 'Nothing to follow up' },
  none_hint: { zh: '通话里约了回访（“明天上午再打”），或话术里写了 follow_up，就会出现在这里。', en: 'When a callee asks to be called back, or a dialplan schedules it, it appears here.' },
})
