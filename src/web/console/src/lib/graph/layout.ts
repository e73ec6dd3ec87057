// Where the steps of a dialplan stand: top to bottom in the order a call goes through them.

import { Graph as Layers, layout as arrange } from '@dagrejs/dagre'
import type { Graph, GraphEdge } from '../types'

export const NODE = { width: 232, height: 84 }

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
  const known = new Set(graph.nodes.map((node) => node.id))
  for (const node of graph.nodes) layers.setNode(node.id, { ...NODE })
  const edges = joined(graph.edges.filter((edge) => known.has(edge.from) && known.has(edge.to)))
  for (const edge of edges) {
    if (edge.from === edge.to) continue
    // What the callee says draws the main line; silence and questions hang beside it.
    layers.setEdge(edge.from, edge.to, { weight: edge.kind === 'branch' ? 4 : 1, minlen: 1 }, edge.id)
  }
  arrange(layers)
  const places = new Map(
    graph.nodes.map((node) => {
      const at = layers.node(node.id) as { x: number; y: number }
      return [node.id, { id: node.id, x: at.x - NODE.width / 2, y: at.y - NODE.height / 2 }]
    }),
  )
  return {
    nodes: [...places.values()],
    edges: edges.map((edge) => ({ ...edge, back: (places.get(edge.to)?.y ?? 0) <= (places.get(edge.from)?.y ?? 0) })),
  }
}
