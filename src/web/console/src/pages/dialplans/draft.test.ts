import { expect, it } from 'vitest'
import type { GraphNode } from '../../lib/types'
import { counted, lineOf } from './draft.svelte'

const text = `lang: zh
intents:
  greet: {}
steps:
  # first
  greet:
    say: 您好
    on: { affirm: opening }
  "opening":
    say: 好
faq:
  where: {}
`
it('a step is found in the text, not an intent of the same name', () => {
  expect(lineOf(text, 'greet')).toBe(6)
  expect(lineOf(text, 'opening')).toBe(9)
  expect(lineOf(text, 'where')).toBeNull()
})
it('the flow of a draft keeps the counts of the calls', () => {
  const node = (id: string, entered: number): GraphNode => ({ id, kind: 'step', title: id, say: null, flow: null, live: 0, entered, left: 0 })
  const both = counted({ nodes: [node('greet', 0), node('new', 0)], edges: [] }, { nodes: [node('greet', 7)], edges: [] })
  expect(both.nodes.map((one) => one.entered)).toEqual([7, 0])
})
