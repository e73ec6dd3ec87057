import { area } from '../../i18n/index.svelte'

export const t = area({
  type_to_confirm: { zh: '请输入“{phrase}”以确认', en: 'Type "{phrase}" to confirm' },
  reason: { zh: '原因', en: 'Reason' },
  reason_hint: { zh: '会写进审计日志', en: 'It is kept in the audit log' },
  reason_needed: { zh: '请写明原因', en: 'Give a reason' },
  shown_once: { zh: '只显示这一次，请立即保存到安全的地方。', en: 'Shown only this once. Keep it somewhere safe now.' },
  stored_it: { zh: '我已保存', en: 'I have stored it' },
  since: { zh: '时间范围', en: 'Since' },
  since_today: { zh: '今天', en: 'Today' },
  since_7: { zh: '近 7 天', en: 'Last 7 days' },
  since_30: { zh: '近 30 天', en: 'Last 30 days' },
  since_all: { zh: '全部', en: 'All time' },
  new_tag: { zh: '标签名', en: 'Tag' },
  add_tag: { zh: '加标签', en: 'Add a tag' },
  remove_tag: { zh: '去掉标签 {tag}', en: 'Remove the tag {tag}' },
  unknown_name: { zh: '未留姓名', en: 'No name' },
})
