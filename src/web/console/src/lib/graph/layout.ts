// Where the steps of a dialplan stand: top to bottom in the order a call goes through them.

import { Graph as Layers, layout as arrange } from '@dagrejs/dagre'
import type { Graph, GraphEdge } from '../types'

export const NODE = { width: 232, height: 84 }

/** Questions that may come at any step stand beside the flow, not in it. */
export const beside = (kind: string): boolean => kind === 'faq' || kind === 'anywhere'

/** Ends and hand-offs that are not steps of the file ("end:no_answer"): they are not counted. */
export const outside = (id: string): boolean => id.includes(':')

/** Without the ends and hand-offs to which no line leads (their lines are hidden). */
export function reached(graph: Graph): Graph {
  let { nodes, edges } = graph
  for (;;) {
    const led = new Set(edges.filter((edge) => edge.from !== edge.to).map((edge) => edge.to))
    const kept = nodes.filter((node) => !outside(node.id) || beside(node.kind) || led.has(node.id))
    if (kept.length === nodes.length) return { nodes, edges }
    const ids = new Set(kept.map((node) => node.id))
    nodes = kept
    edges = edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to))
  }
}

export type Placed = { id: string; x: number; y: number }
export type Joined = { id: string; from: string; to: string; labels: string[]; kind: GraphEdge['kind']; back: boolean }

/** Edges between the same two steps and of the same kind become one, with all their labels. */
export function joined(edges: GraphEdge[]): Omit<Joined, 'back'>[] {
  const all = new Map<string, Omit<Joined, 'back'>>()
  for (const edge of edges) {
    const id = `${edge.from}→${edge.to}#${edge.kind}`
    const found = all.get(id)
    if (!found) all.set(id, { id, from: edge.from, to: edge.to, labels: edge.label ? [edge.label] : [], kind: edge.kind })
    else if (edge.label && !found.labels.includes(edge.label)) found.labels.push(edge.label)
  }
  return [...all.values()]
}

/** What a label shows: the first words, and how many more there are. */
export function short(labels: string[], most = 2): string {
  return labels.length <= most ? labels.join(' · ') : `${labels.slice(0, most).join(' · ')} +${labels.length - most}`
}

/** The same for graphs of the same steps and edges: counts alone move nothing. */
export function structure(graph: Graph): string {
  return [...graph.nodes.map((node) => node.id), '|', ...graph.edges.map((edge) => `${edge.from}>${edge.to}`)].join(' ')
}

export function layout(graph: Graph): { nodes: Placed[]; edges: Joined[] } {
  const layers = new Layers({ multigraph: true })
  layers.setGraph({ rankdir: 'TB', nodesep: 36, ranksep: 66, marginx: 20, marginy: 20, ranker: 'tight-tree' })
  layers.setDefaultEdgeLabel(() => ({}))
  const flow = graph.nodes.filter((node) => !beside(node.kind))
  const known = new Set(flow.map((node) => node.id))
  for (const node of flow) layers.setNode(node.id, { ...NODE })
  const edges = joined(graph.edges.filter((edge) => known.has(edge.from) && known.has(edge.to)))
  for (const edge of edges) {
    if (edge.from === edge.to) continue
    // What the callee says draws the main line; silence and questions hang beside it.
    layers.setEdge(edge.from, edge.to, { weight: edge.kind === 'branch' ? 4 : 1, minlen: 1 }, edge.id)
  }
  arrange(layers)
  const places = new Map(
    flow.map((node) => {
      const at = layers.node(node.id) as { x: number; y: number }
      return [node.id, { id: node.id, x: at.x - NODE.width / 2, y: at.y - NODE.height / 2 }]
    }),
  )
  const right = Math.max(0, ...[...places.values()].map((place) => place.x + NODE.width))
  const questions = graph.nodes.filter((node) => beside(node.kind))
  for (const [n, node] of questions.entries()) {
    places.set(node.id, { id: node.id, x: right + 90 + (n % 2) * (NODE.width + 20), y: 20 + Math.floor(n / 2) * (NODE.height + 16) })
  }
  return {
    nodes: [...places.values()],
    edges: edges.map((edge) => ({ ...edge, back: (places.get(edge.to)?.y ?? 0) <= (places.get(edge.from)?.y ?? 0) })),
  }
}

const TOOLS = 56
const READABLE = 0.55

/** Where to look first: at everything if that can be read, else at the beginning. */
export function opening(nodes: readonly Placed[], width: number, height: number, start?: string, tools = TOOLS): { x: number; y: number; zoom: number } {
  const first = nodes.find((node) => node.id === start) ?? nodes[0]
  if (!first || width === 0 || height === 0) return { x: 0, y: 0, zoom: 1 }
  const left = Math.min(...nodes.map((node) => node.x))
  const right = Math.max(...nodes.map((node) => node.x + NODE.width))
  const top = Math.min(...nodes.map((node) => node.y))
  const bottom = Math.max(...nodes.map((node) => node.y + NODE.height))
  const fit = Math.min((width - 40) / (right - left), (height - tools - 30) / (bottom - top), 1)
  const zoom = Math.max(fit, READABLE)
  if (fit < READABLE) {
    // The steps that fit below each other, in the middle; the first one always in sight.
    const seen = nodes.filter((node) => (node.y + NODE.height - top) * zoom <= height - tools)
    const half = width / 2 / zoom
    const from = Math.min(...seen.map((node) => node.x))
    const to = Math.max(...seen.map((node) => node.x + NODE.width))
    const middle = Math.min(Math.max((from + to) / 2, first.x + NODE.width + 20 - half), first.x - 20 + half)
    return { x: width / 2 - middle * zoom, y: tools + 10 - top * zoom, zoom }
  }
  const middle = (left + right) / 2
  return { x: width / 2 - middle * zoom, y: tools + 10 - top * zoom, zoom }
}
