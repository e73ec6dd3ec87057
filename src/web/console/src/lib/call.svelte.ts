// One call as its page shows it: live from its event stream, past from the store.

import { api, ApiError } from './api'
import { stream, type Stream } from './events'
import { session } from './session.svelte'
import { blank, fromDetail, take, type View } from './transcript'
import type { CallDetail, Happening } from './types'

export class CallView {
  readonly call: string
  detail = $state.raw<CallDetail | null>(null)
  view = $state.raw<View>(blank())
  live = $state(false)
  loading = $state(true)
  error = $state.raw<unknown>(null)
  #building: View = blank()
  #stream: Stream | null = null
  #frame = 0
  #closed = false
  #detailed = true

  constructor(call: string) {
    this.call = call
  }

  /** Call what comes back when the page goes. Without `detail` only the event stream is asked (an agent's desk). */
  use(detail = true): () => void {
    this.#detailed = detail
    if (detail) void this.load()
    else {
      this.loading = false
      this.live = true
      this.listen()
    }
    return () => {
      this.#closed = true
      this.#stream?.close()
      cancelAnimationFrame(this.#frame)
    }
  }

  load = async (): Promise<void> => {
    try {
      this.detail = await api.get<CallDetail>(`/calls/${encodeURIComponent(this.call)}`)
      this.error = null
      if (this.#closed) return
      this.live = this.detail.live && this.view.state !== 'ended'
      // The events, kept or live, tell more than the summary; an auditor has only that.
      if (session.may('calls.follow')) this.listen()
      else if (this.#building.items.length === 0) this.view = this.#building = fromDetail(this.detail)
    } catch (why) {
      // An agent has no right to the store, but to the call he is in.
      if (why instanceof ApiError && why.status === 403 && !this.#stream) {
        this.live = true
        this.listen()
      }
      this.error = why
    } finally {
      this.loading = false
    }
  }

  listen(): void {
    if (this.#stream || this.#closed) return
    this.#stream = stream(`/live/calls/${encodeURIComponent(this.call)}/events`, {
      on: { event: (event: Happening) => this.#take(event), end: () => this.#over() },
      // The stream begins with everything so far: nothing else to fetch.
      resync: () => {},
    })
  }

  #take(event: Happening): void {
    take(this.#building, event)
    this.#frame ||= requestAnimationFrame(this.#show)
  }

  #show = (): void => {
    this.#frame = 0
    this.error = null
    const now = this.#building
    this.view = { ...now, items: [...now.items], steps: [...now.steps], tags: [...now.tags], card: new Map(now.card), slots: new Map(now.slots) }
    if (now.state === 'ended') this.live = false
  }

  #over(): void {
    this.#stream?.close()
    const was = this.live || this.detail?.live
    this.live = false
    // What is only known at the end (recording, result) is fetched when it has been written.
    if (was && this.#detailed) setTimeout(() => void this.load(), 800)
  }
}
