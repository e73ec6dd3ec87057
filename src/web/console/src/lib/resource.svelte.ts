// Something fetched, with its waiting and its failure; and lists that come page by page.

import { api, ApiError, type Query } from './api'
import type { Paged } from './types'

const asError = (why: unknown) => (why instanceof ApiError ? why : new ApiError(0, 'other', why instanceof Error ? why.message : String(why)))
const aborted = (why: unknown) => why instanceof DOMException && why.name === 'AbortError'

export class Resource<T> {
  data = $state.raw<T | null>(null)
  error = $state.raw<ApiError | null>(null)
  loading = $state(false)
  #ask: (signal: AbortSignal) => Promise<T>
  #running: AbortController | null = null

  constructor(ask: (signal: AbortSignal) => Promise<T>) {
    this.#ask = ask
  }

  /** Asks (again); an older question still running is dropped. */
  load = async (): Promise<T | null> => {
    this.#running?.abort()
    const mine = (this.#running = new AbortController())
    this.loading = true
    try {
      const data = await this.#ask(mine.signal)
      if (mine.signal.aborted) return null
      this.data = data
      this.error = null
      return data
    } catch (why) {
      if (!mine.signal.aborted && !aborted(why)) this.error = asError(why)
      return null
    } finally {
      if (this.#running === mine) this.loading = false
    }
  }
}

/** `const stats = resource(() => api.get<Stats>('/stats'))`, then `$effect(() => { stats.load() })`. */
export const resource = <T>(ask: (signal: AbortSignal) => Promise<T>) => new Resource(ask)

export class Pages<T> {
  items = $state.raw<T[]>([])
  next = $state.raw<string | null>(null)
  error = $state.raw<ApiError | null>(null)
  loading = $state(false)
  /** at least one page has come since the last `load` */
  asked = $state(false)
  #path: string
  #query: Query = {}
  #running: AbortController | null = null

  constructor(path: string) {
    this.#path = path
  }

  /** Begins anew with these filters. */
  load = async (query: Query = this.#query, path = this.#path): Promise<void> => {
    this.#query = query
    this.#path = path
    await this.#page(null)
  }

  more = async (): Promise<void> => {
    if (this.next !== null && !this.loading) await this.#page(this.next)
  }

  async #page(after: string | null): Promise<void> {
    this.#running?.abort()
    const mine = (this.#running = new AbortController())
    this.loading = true
    try {
      const page = await api.get<Paged<T>>(this.#path, { limit: 50, ...this.#query, after }, mine.signal)
      if (mine.signal.aborted) return
      this.items = after === null ? page.items : [...this.items, ...page.items]
      this.next = page.next
      this.error = null
      this.asked = true
    } catch (why) {
      if (!mine.signal.aborted && !aborted(why)) this.error = asError(why)
    } finally {
      if (this.#running === mine) this.loading = false
    }
  }
}

export const pages = <T>(path: string) => new Pages<T>(path)
