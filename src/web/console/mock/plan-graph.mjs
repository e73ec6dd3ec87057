// A flow out of a dialplan file, roughly: enough for looking at the console.
const KEY = /^(\s*)(?:"([^"]+)"|([^\s:#"'{}[\]-][^:]*)):\s*(.*)$/

export function graphOf(text) {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => line.startsWith('steps:'))
  const nodes = []
  const edges = []
  let step = null
  let inside = null
  for (const line of from < 0 ? [] : lines.slice(from + 1)) {
    if (/^\S/.test(line) && !line.startsWith('#')) break
    const found = KEY.exec(line)
    if (found && found[1].length === 2) {
      step = { id: found[2] ?? found[3], kind: 'step', title: found[2] ?? found[3], say: null, flow: null, live: 0, entered: 0, left: 0 }
      nodes.push(step)
      inside = null
    } else if (step) {
      if (found && found[1].length === 4) inside = found[3]
      const say = /say:\s*\[?"?([^"\]{}]+)/.exec(line) ?? (inside === 'say' ? /^\s+-\s*(?:\{\s*text:\s*)?"?([^"{}]{4,})/.exec(line) : null)
      if (say && !step.say && (inside === 'say' || !line.includes('goto'))) step.say = say[1].trim()
      const label = found && found[1].length === 6 ? (found[2] ?? found[3]) : inside === 'else' ? '' : ''
      const goto = /goto:\s*(\w+)/.exec(line)?.[1] ?? (found && (found[1].length === 6 || inside === 'else' || inside === 'then') && /^\w+$/.test(found[4]) ? found[4] : null)
      if (goto) edges.push({ from: step.id, to: goto, label, kind: 'branch' })
      if (/hangup/.test(line)) step.kind = edges.some((edge) => edge.from === step.id) ? 'step' : 'end'
      if (/handoff/.test(line)) step.kind = 'handoff'
    }
  }
  const known = new Set(nodes.map((node) => node.id))
  let entered = 3720
  for (const [n, node] of nodes.entries()) {
    node.entered = Math.round(entered)
    node.left = Math.round(entered * 0.14)
    node.live = n % 4 === 1 ? (n * 3) % 7 : 0
    entered *= 0.82
    edges.push({ from: node.id, to: node.id, label: '', kind: 'no_match' })
  }
  return { nodes, edges: edges.filter((edge) => known.has(edge.to)) }
}

export function findingsOf(text) {
  const out = []
  const lines = text.split('\n')
  const names = new Set(graphOf(text).nodes.map((node) => node.id))
  lines.forEach((line, n) => {
    const goto = /goto:\s*(\w+)/.exec(line)
    if (goto && !names.has(goto[1])) out.push({ line: n + 1, column: line.indexOf(goto[1], goto.index + 5) + 1, len: goto[1].length, severity: 'error', message: `没有名为“${goto[1]}”的节点`, advice: `写一个存在的节点：${[...names].slice(0, 3).join('、')}…` })
    const tab = line.indexOf('\t')
    if (tab >= 0) out.push({ line: n + 1, column: tab + 1, len: 1, severity: 'error', message: 'YAML 不允许用 Tab 缩进', advice: '改成空格' })
    if (/speed: 1\.05/.test(line)) out.push({ line: n + 1, column: line.indexOf('speed') + 1, len: 11, severity: 'warning', message: '语速高于 1.0，老年客户可能听不清', advice: '建议 0.95 – 1.0' })
  })
  return out
}
