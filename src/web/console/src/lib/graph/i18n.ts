import { area } from '../../i18n/index.svelte'

export const t = area({
  graph: { zh: '话术流程图', en: 'Dialplan graph' },
  live: { zh: '{n} 通正在此节点', en: '{n} {n|call|calls} here now' },
  entered: { zh: '到达 {n}', en: '{n} reached' },
  left: { zh: '在此结束 {n}', en: '{n} ended here' },
  silence: { zh: '静默', en: 'Silence' },
  no_match: { zh: '没听懂', en: 'Not understood' },
  faq: { zh: '问答', en: 'Question' },
  call: { zh: '调用', en: 'Call' },
  side: { zh: '显示静默和没听懂', en: 'Show silence and not understood' },
  questions: { zh: '显示随时问答', en: 'Show questions answered at any step' },
  jump: { zh: '跳到节点', en: 'Go to step' },
  end: { zh: '结束', en: 'End' },
  handoff: { zh: '转人工', en: 'Hand-off' },
  zoom_in: { zh: '放大', en: 'Zoom in' },
  zoom_out: { zh: '缩小', en: 'Zoom out' },
  fit: { zh: '适应窗口', en: 'Fit' },
  loading: { zh: '正在画流程图…', en: 'Drawing the graph…' },
  nothing: { zh: '这个话术还没有节点', en: 'This dialplan has no steps yet' },
  nothing_hint: { zh: '在“文本”里写 steps，保存后这里就会画出流程。', en: 'Write steps in the text and the flow is drawn here.' },
})
