// The difference of two texts by line, as a unified diff. For texts of a few thousand lines.

export function unified(old: string, now: string, context = 3): string {
  const a = old.split('\n')
  const b = now.split('\n')
  const ops = edits(a, b)
  const out: string[] = []
  let at = 0
  while (at < ops.length) {
    while (at < ops.length && ops[at]?.sign === ' ') at++
    if (at >= ops.length) break
    const from = Math.max(0, at - context)
    let to = at
    let quiet = 0
    for (; to < ops.length && quiet <= context * 2; to++) quiet = ops[to]?.sign === ' ' ? quiet + 1 : 0
    const end = Math.min(ops.length, to - Math.max(0, quiet - context))
    const hunk = ops.slice(from, end)
    const first = hunk[0]
    if (first) out.push(`@@ -${first.old + 1},${hunk.filter((op) => op.sign !== '+').length} +${first.now + 1},${hunk.filter((op) => op.sign !== '-').length} @@`)
    for (const op of hunk) out.push(op.sign + op.text)
    at = end
  }
  return out.join('\n')
}

type Op = { sign: ' ' | '+' | '-'; text: string; old: number; now: number }

function edits(a: string[], b: string[]): Op[] {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const left = a.slice(head, a.length - tail)
  const right = b.slice(head, b.length - tail)
  const same = common(left, right)
  const ops: Op[] = []
  let x = 0
  let y = 0
  const put = (sign: Op['sign'], text: string) => {
    ops.push({ sign, text, old: x, now: y })
    if (sign !== '+') x++
    if (sign !== '-') y++
  }
  for (const text of a.slice(0, head)) put(' ', text)
  for (const [i, j] of [...same, [left.length, right.length] as const]) {
    while (x - head < i) put('-', left[x - head] ?? '')
    while (y - head < j) put('+', right[y - head] ?? '')
    if (i < left.length) put(' ', left[i] ?? '')
  }
  for (const text of tail ? a.slice(-tail) : []) put(' ', text)
  return ops
}

/** The longest common subsequence, as pairs of places. Very large changed parts are taken as all different. */
function common(a: string[], b: string[]): (readonly [number, number])[] {
  if (a.length * b.length > 4_000_000) return []
  const width = b.length + 1
  const best = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      best[i * width + j] = a[i] === b[j] ? (best[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(best[(i + 1) * width + j] ?? 0, best[i * width + j + 1] ?? 0)
  const out: (readonly [number, number])[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) out.push([i++, j++])
    else if ((best[(i + 1) * width + j] ?? 0) >= (best[i * width + j + 1] ?? 0)) i++
    else j++
  }
  return out
}
