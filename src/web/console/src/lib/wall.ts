// Filtering, counting and sorting the wall.

import { hotness } from './hotness'
import type { CallState, Card, Grade, Lang } from './types'

export type Order = 'hot' | 'new' | 'long' | 'grade'
export type Filter = { campaign: number | null; state: CallState | null; grades: readonly Grade[]; lang: Lang | null; words: string }

export function fits(card: Card, filter: Filter): boolean {
  if (filter.campaign !== null && card.campaign.id !== filter.campaign) return false
  if (filter.state !== null && card.state !== filter.state) return false
  if (filter.lang !== null && card.lang !== filter.lang) return false
  if (filter.grades.length > 0 && (card.grade === null || !filter.grades.includes(card.grade))) return false
  const words = filter.words.trim().toLowerCase()
  return words === '' || words.split(/\s+/).every((word) => text(card).includes(word))
}

function text(card: Card): string {
  return `${card.lead.name ?? ''} ${card.phone} ${card.last?.text ?? ''} ${card.tags.join(' ')} ${card.step ?? ''} ${card.dialplan} ${card.agent?.name ?? ''}`.toLowerCase()
}

/** The calls in order. What is equal keeps the order of the calls' beginnings, so nothing jumps without a reason. */
export function arrange(cards: Iterable<Card>, filter: Filter, order: Order, now: number): string[] {
  const rows: { call: string; value: number; began: number }[] = []
  for (const card of cards) {
    if (!fits(card, filter)) continue
    // Whole tens: a cooling alert must not shuffle the wall every second.
    const value = order === 'hot' ? Math.round(hotness(card, now) / 10) : order === 'grade' ? 70 - (card.grade ?? 'G').charCodeAt(0) : order === 'new' ? card.started_unix_ms : -card.started_unix_ms
    rows.push({ call: card.call, value, began: card.started_unix_ms })
  }
  rows.sort((a, b) => b.value - a.value || a.began - b.began || (a.call < b.call ? -1 : 1))
  return rows.map((row) => row.call)
}

export function tally(cards: Iterable<Card>): Record<CallState, number> {
  const counts: Record<CallState, number> = { dialing: 0, ringing: 0, screening: 0, talking: 0, waiting: 0, bridged: 0, ended: 0 }
  for (const card of cards) counts[card.state]++
  return counts
}
