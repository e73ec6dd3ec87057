// A unified diff, made ready to be shown in one column or in two.

export type DiffLine = { kind: 'same' | 'add' | 'del' | 'skip'; old: number | null; now: number | null; text: string }
/** The part of a changed line that differs, as [from, to). */
export type Span = readonly [number, number]
export type Pair = { left: DiffLine | null; right: DiffLine | null; leftSpan: Span | null; rightSpan: Span | null }

export function parse(diff: string): DiffLine[] {
  const out: DiffLine[] = []
  let old = 0
  let now = 0
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/.exec(line)
    if (hunk) {
      old = Number(hunk[1])
      now = Number(hunk[2])
      out.push({ kind: 'skip', old: null, now: null, text: (hunk[3] ?? '').trim() })
    } else if (old === 0 && now === 0) continue // file names above the first hunk
    else if (line.startsWith('+')) out.push({ kind: 'add', old: null, now: now++, text: line.slice(1) })
    else if (line.startsWith('-')) out.push({ kind: 'del', old: old++, now: null, text: line.slice(1) })
    else if (line.startsWith('\\')) continue // "No newline at end of file"
    else out.push({ kind: 'same', old: old++, now: now++, text: line.slice(1) })
  }
  return out
}

export function counts(lines: DiffLine[]): { added: number; removed: number } {
  return { added: lines.filter((line) => line.kind === 'add').length, removed: lines.filter((line) => line.kind === 'del').length }
}

/** Old beside new: a run of removed lines stands beside the run of added ones that follows it. */
export function pairs(lines: DiffLine[]): Pair[] {
  const out: Pair[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] as DiffLine
    if (line.kind === 'same' || line.kind === 'skip') {
      out.push({ left: line, right: line, leftSpan: null, rightSpan: null })
      at++
      continue
    }
    const removed: DiffLine[] = []
    const added: DiffLine[] = []
    while (lines[at]?.kind === 'del') removed.push(lines[at++] as DiffLine)
    while (lines[at]?.kind === 'add') added.push(lines[at++] as DiffLine)
    for (let n = 0; n < Math.max(removed.length, added.length); n++) {
      const left = removed[n] ?? null
      const right = added[n] ?? null
      const [leftSpan, rightSpan] = left && right ? changed(left.text, right.text) : [null, null]
      out.push({ left, right, leftSpan, rightSpan })
    }
  }
  return out
}

/** Where two lines differ; nothing when they have hardly anything in common. */
export function changed(one: string, other: string): [Span | null, Span | null] {
  let from = 0
  while (from < one.length && from < other.length && one[from] === other[from]) from++
  let tail = 0
  while (tail < one.length - from && tail < other.length - from && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail++
  const blank = one.length - one.trimStart().length
  if (from <= blank && tail < 3) return [null, null]
  return [
    [from, one.length - tail],
    [from, other.length - tail],
  ]
}
