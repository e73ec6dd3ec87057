// The one event stream of the application, `/live/events`: pages take from it what they need.

import { stream, type Stream, type StreamState } from './events'
import type { AgentState, Campaign, Card, DeskMe, Job, Offer, OfferGone } from './types'

export type FeedEvents = {
  cards: Card[]
  gone: string[]
  agents: AgentState[]
  offer: Offer
  offer_gone: OfferGone
  desk: DeskMe
  job: Job
  campaign: Pick<Campaign, 'id' | 'state' | 'progress'>
  /** events were missed: fetch again */
  resync: null
}

type Taker<K extends keyof FeedEvents> = (data: FeedEvents[K]) => void

class Feed {
  state = $state<StreamState>('connecting')
  #takers = new Map<keyof FeedEvents, Set<(data: any) => void>>()
  #stream: Stream | null = null

  open(): void {
    this.close()
    const names = ['cards', 'gone', 'agents', 'offer', 'offer_gone', 'desk', 'job', 'campaign'] as const
    this.#stream = stream('/live/events', {
      on: {
        ...Object.fromEntries(names.map((name) => [name, (data: unknown) => this.#tell(name, data)])),
        // The server tells what changes from here on: what was fetched before may lack what happened in between.
        ready: () => this.#tell('resync', null),
      },
      resync: () => this.#tell('resync', null),
      state: (state) => (this.state = state),
    })
  }

  close(): void {
    this.#stream?.close()
    this.#stream = null
  }

  /** Takes events until the returned function is called: `$effect(() => feed.on('job', take))`. */
  on<K extends keyof FeedEvents>(name: K, take: Taker<K>): () => void {
    let takers = this.#takers.get(name)
    if (!takers) this.#takers.set(name, (takers = new Set()))
    takers.add(take)
    return () => takers.delete(take)
  }

  #tell(name: keyof FeedEvents, data: unknown): void {
    for (const take of this.#takers.get(name) ?? []) take(data)
  }
}

export const feed = new Feed()
