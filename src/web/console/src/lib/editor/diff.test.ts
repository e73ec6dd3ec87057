import { expect, it } from 'vitest'
import { changed, counts, pairs, parse } from './diff'

const diff = `--- a/plan.yaml
+++ b/plan.yaml
@@ -3,4 +3,5 @@ steps:
   greet:
-    say: 您好
+    say: 您好，张先生
+    listen: yes_no
     on: {}
\\ No newline at end of file
`

it('lines carry the numbers of both versions', () => {
  const lines = parse(diff)
  expect(lines.map((line) => [line.kind, line.old, line.now])).toEqual([
    ['skip', null, null],
    ['same', 3, 3],
    ['del', 4, null],
    ['add', null, 4],
    ['add', null, 5],
    ['same', 5, 6],
  ])
  expect(counts(lines)).toEqual({ added: 2, removed: 1 })
})

it('a changed line stands beside what it became, with the changed words marked', () => {
  const pair = pairs(parse(diff))[2]
  expect(pair?.left?.text).toBe('    say: 您好')
  expect(pair?.right?.text.slice(...(pair.rightSpan ?? [0, 0]))).toBe('，张先生')
})

it('lines with nothing in common are not marked in part', () => {
  expect(changed('  abc', '  xyz')).toEqual([null, null])
})

it('equal versions have no lines', () => {
  expect(parse('')).toEqual([])
})
