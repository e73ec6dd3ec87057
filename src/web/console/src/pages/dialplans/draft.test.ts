import { expect, it, vi } from 'vitest'
import type { GraphNode } from '../../lib/types'
import { counted, Draft, lineOf } from './draft.svelte'

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

it('a text that was not published is still there after a reload', () => {
  vi.stubGlobal('fetch', async () => new Response('{"findings":[],"graph":null}', { headers: { 'Content-Type': 'application/json' } }))
  const first = new Draft('renewal-zh')
  first.take({ text: 'lang: zh' })
  first.text = 'lang: zh # changed'
  first.watch()
  const second = new Draft('renewal-zh')
  second.watch()
  second.take({ text: 'lang: zh' })
  expect(second.text).toBe('lang: zh # changed')
  second.discard()
  second.watch()
  const third = new Draft('renewal-zh')
  third.take({ text: 'lang: zh' })
  expect(third.changed).toBe(false)
  for (const draft of [first, second, third]) draft.stop()
  vi.unstubAllGlobals()
})
