import { expect, it } from 'vitest'
import { parse } from './diff'
import { unified } from './lines'

it('only the changed lines and their neighbours are told', () => {
  const old = Array.from({ length: 30 }, (_, n) => `line ${n}`)
  const now = [...old.slice(0, 10), 'fresh', ...old.slice(10, 25), 'other', ...old.slice(26)]
  const lines = parse(unified(old.join('\n'), now.join('\n')))
  expect(lines.filter((line) => line.kind === 'add').map((line) => [line.now, line.text])).toEqual([[11, 'fresh'], [27, 'other']])
  expect(lines.filter((line) => line.kind === 'del').map((line) => [line.old, line.text])).toEqual([[26, 'line 25']])
  expect(lines.filter((line) => line.kind === 'skip')).toHaveLength(2)
  expect(lines.filter((line) => line.kind === 'same')).toHaveLength(12)
})
it('equal texts differ nowhere', () => {
  expect(unified('a\nb', 'a\nb')).toBe('')
})
it('text can come out of nothing', () => {
  expect(parse(unified('', 'a\nb')).map((line) => line.kind)).toEqual(['skip', 'del', 'add', 'add'])
})
