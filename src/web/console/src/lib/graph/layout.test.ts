import { expect, it } from 'vitest'
import type { Graph, GraphNode } from '../types'
import { joined, layout, opening, reached, short, structure } from './layout'

const node = (id: string): GraphNode => ({ id, kind: 'step', title: id, say: null, flow: null, live: 0, entered: 0, left: 0 })
const graph: Graph = {
  nodes: ['greet', 'ask', 'bye'].map(node),
  edges: [
    { from: 'greet', to: 'ask', label: 'affirm', kind: 'branch' },
    { from: 'greet', to: 'ask', label: 'interested', kind: 'branch' },
    { from: 'ask', to: 'bye', label: '', kind: 'branch' },
    { from: 'ask', to: 'ask', label: '', kind: 'no_match' },
    { from: 'ask', to: 'gone', label: '', kind: 'branch' },
  ],
}

it('a call goes from top to bottom', () => {
  const { nodes } = layout(graph)
  const y = (id: string) => nodes.find((one) => one.id === id)?.y ?? NaN
  expect(y('greet')).toBeLessThan(y('ask'))
  expect(y('ask')).toBeLessThan(y('bye'))
})

it('an edge to a step that is not there is left out, one to itself goes back', () => {
  const { edges } = layout(graph)
  expect(edges.map((edge) => edge.to)).not.toContain('gone')
  expect(edges.find((edge) => edge.to === 'ask' && edge.from === 'ask')?.back).toBe(true)
})

it('answers that lead to the same step are drawn as one line', () => {
  expect(joined(graph.edges)[0]?.labels).toEqual(['affirm', 'interested'])
  expect(short(['a', 'b', 'c', 'd'])).toBe('a · b +2')
})

it('new counts do not move the steps', () => {
  const later = { ...graph, nodes: graph.nodes.map((one) => ({ ...one, entered: 9 })) }
  expect(structure(later)).toBe(structure(graph))
})

it('a large flow opens at its beginning, in a size that can be read', () => {
  const long = Array.from({ length: 40 }, (_, n) => ({ id: `${n}`, x: 0, y: n * 150 }))
  expect(opening(long, 800, 600).zoom).toBe(0.55)
  expect(opening(long.slice(0, 3), 800, 600).zoom).toBe(1)
})

it('questions for any step stand beside the flow', () => {
  const asked = { ...graph, nodes: [...graph.nodes, { ...node('faq:price'), kind: 'faq' as GraphNode['kind'] }] }
  const { nodes } = layout(asked)
  const x = (id: string) => nodes.find((one) => one.id === id)?.x ?? NaN
  expect(x('faq:price')).toBeGreaterThan(Math.max(x('greet'), x('ask'), x('bye')) + 232)
})

it('an end to which only hidden lines lead is hidden with all that follows it', () => {
  const ends = ['handoff:sales', 'end:transferred', 'end:completed'].map(node)
  const all = { nodes: [...graph.nodes, ...ends], edges: [...graph.edges, { from: 'handoff:sales', to: 'end:transferred', label: '', kind: 'branch' as const }, { from: 'bye', to: 'end:completed', label: '', kind: 'branch' as const }] }
  expect(reached(all).nodes.map((one) => one.id)).toEqual(['greet', 'ask', 'bye', 'end:completed'])
})
