// The live calls: one cell for each, changed in place, so that a changed card redraws itself and nothing else.

import { api } from './api'
import { feed } from './feed.svelte'
import type { Card } from './types'

/** How long an ended call stays in sight, ms. */
const LINGER_MS = 4_000

export class Cell {
  card = $state.raw<Card>() as Card
  constructor(card: Card) {
    this.card = card
  }
}

export class Board {
  cells = new Map<string, Cell>()
  /** grows when calls came, went or changed: for what counts and sorts them */
  version = $state(0)
  loaded = $state(false)
  error = $state.raw<unknown>(null)
  /** server time minus ours, ms */
  skew = 0
  #pending = new Map<string, Card>()
  #frame = 0
  #users = 0
  #off: (() => void)[] = []

  /** Holds the board alive; call what comes back to let it go. */
  use(): () => void {
    if (this.#users++ === 0) {
      this.#off = [feed.on('cards', this.take), feed.on('gone', this.drop), feed.on('resync', () => void this.load())]
      void this.load()
    }
    return () => {
      if (--this.#users > 0) return
      for (const off of this.#off) off()
      this.cells.clear()
      this.#pending.clear()
      this.loaded = false
    }
  }

  load = async (): Promise<void> => {
    try {
      const { calls, now_unix_ms } = await api.get<{ calls: Card[]; now_unix_ms: number }>('/live/calls')
      this.skew = now_unix_ms - Date.now()
      const here = new Set(calls.map((card) => card.call))
      for (const call of this.cells.keys()) if (!here.has(call)) this.cells.delete(call)
      this.take(calls)
      this.error = null
      this.loaded = true
    } catch (why) {
      this.error = why
    }
  }

  take = (cards: Card[]): void => {
    for (const card of cards) this.#pending.set(card.call, card)
    this.#frame ||= requestAnimationFrame(this.#apply)
  }

  drop = (calls: string[]): void => {
    for (const call of calls) {
      const cell = this.cells.get(call)
      if (cell && cell.card.state !== 'ended') this.take([{ ...cell.card, state: 'ended', rev: cell.card.rev + 1 }])
    }
    setTimeout(() => {
      for (const call of calls) this.cells.delete(call)
      this.version++
    }, LINGER_MS)
  }

  // Many events become one change for each frame the screen shows.
  #apply = (): void => {
    this.#frame = 0
    for (const [call, card] of this.#pending) {
      const cell = this.cells.get(call)
      if (!cell) this.cells.set(call, new Cell(card))
      else if (card.rev >= cell.card.rev) cell.card = card
    }
    this.#pending.clear()
    this.version++
  }
}

export const board = new Board()
