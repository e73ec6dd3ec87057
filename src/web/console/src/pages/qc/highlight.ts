// The parts of a text that a search found.

export type Part = { text: string; hit: boolean }

/** `words` as typed: parts separated by spaces each count. Nothing is lost and nothing is HTML. */
export function highlight(text: string, words: string): Part[] {
  const wanted = words.trim().split(/\s+/).filter(Boolean)
  if (wanted.length === 0) return [{ text, hit: false }]
  const pattern = new RegExp(wanted.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'gi')
  const out: Part[] = []
  let from = 0
  for (const found of text.matchAll(pattern)) {
    if (found.index > from) out.push({ text: text.slice(from, found.index), hit: false })
    out.push({ text: found[0], hit: true })
    from = found.index + found[0].length
  }
  if (from < text.length) out.push({ text: text.slice(from), hit: false })
  return out
}

/** Calls most worth a supervisor's time first. */
export function urgent<T extends { grade: string | null; agent: string | null; talk_ms: number }>(calls: readonly T[]): T[] {
  const weight = (call: T) => (call.agent ? 4 : 0) + (call.grade === 'A' ? 3 : call.grade === 'B' ? 2 : 0) + Math.min(1, call.talk_ms / 180_000)
  return [...calls].sort((one, other) => weight(other) - weight(one))
}
