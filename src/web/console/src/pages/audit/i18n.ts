import { area } from '../../i18n/index.svelte'

export const t = area({
  title: { zh: '审计日志', en: 'Audit log' },
  sub: { zh: '谁在什么时候做了什么。每行都带上一行的指纹，改动或删除一行就会被发现。', en: 'Who did what and when. Each row carries the fingerprint of the one before, so a changed or missing row shows.' },
  who: { zh: '操作人', en: 'Who' },
  action: { zh: '操作', en: 'Action' },
  object: { zh: '对象', en: 'Object' },
  at: { zh: '时间', en: 'At' },
  role: { zh: '角色', en: 'Role' },
  detail: { zh: '明细', en: 'Detail' },
  hash: { zh: '指纹', en: 'Fingerprint' },
  verify: { zh: '校验完整性', en: 'Verify' },
  verifying: { zh: '校验中…', en: 'Verifying…' },
  whole: { zh: '完整：{n} 行全部对得上', en: 'Whole: all {n} rows agree' },
  broken: { zh: '从第 {id} 行起对不上：日志被改动或删除过！', en: 'Broken at row {id}: the log was changed or cut!' },
  none: { zh: '还没有记录', en: 'Nothing yet' },
  none_hint: { zh: '登录、改任务、导出、监听、移出禁呼等操作都会记在这里。', en: 'Log-ins, changes, exports, listening and removals from the DNC list are kept here.' },
  q_action: { zh: '操作，例如 campaigns.export', en: 'Action, for example campaigns.export' },
  row: { zh: '第 {id} 行', en: 'Row {id}' },
})
