import { area } from '../../i18n/index.svelte'

export const t = area({
  loading: { zh: '正在打开编辑器…', en: 'Opening the editor…' },
  label: { zh: '话术文本', en: 'Dialplan text' },
  hint: { zh: 'Ctrl+空格 补全 · Ctrl+F 查找 · Esc 后按 Tab 离开编辑器', en: 'Ctrl+Space completes · Ctrl+F finds · Esc then Tab leaves the editor' },
  unified: { zh: '单栏', en: 'Unified' },
  split: { zh: '左右对照', en: 'Side by side' },
  view: { zh: '显示方式', en: 'View' },
  same: { zh: '两个版本没有差别', en: 'The two versions are the same' },
  counts: { zh: '新增 {added} 行，删除 {removed} 行', en: '{added} {added|line|lines} added, {removed} removed' },
  skipped: { zh: '未改动的部分', en: 'unchanged' },
  old: { zh: '旧', en: 'old' },
  now: { zh: '新', en: 'new' },
})

/** CodeMirror's own words. */
export const phrases: Record<string, string> = {
  Find: '查找',
  Replace: '替换为',
  next: '下一个',
  previous: '上一个',
  all: '全选',
  'match case': '区分大小写',
  regexp: '正则',
  'by word': '整词',
  replace: '替换',
  'replace all': '全部替换',
  close: '关闭',
  'current match': '当前匹配',
  'replaced $ matches': '已替换 $ 处',
  'on line': '在第几行',
  'Go to line': '跳到行',
  go: '跳转',
  Diagnostics: '问题',
  'No diagnostics': '没有问题',
  Completions: '补全',
  'Fold line': '折叠',
  'Unfold line': '展开',
  'folded code': '已折叠',
  unfold: '展开',
  to: '到',
}
