// Server-sent events that come back by themselves.

import { address, type Query } from './api'

export type StreamState = 'connecting' | 'open' | 'waiting'
export type Stream = { close: () => void; again: () => void }

export type StreamOptions = {
  /** one function for each event name */
  on: Record<string, (data: any) => void>
  /** events were missed: fetch the state again. Called also after every reconnection. */
  resync: () => void
  state?: (state: StreamState) => void
  query?: Query
  /** the first wait after a failure, ms; doubled up to `longest` */
  first?: number
  longest?: number
}

export function stream(path: string, options: StreamOptions): Stream {
  const first = options.first ?? 500
  const longest = options.longest ?? 10_000
  let source: EventSource | null = null
  let wait = first
  let timer: ReturnType<typeof setTimeout> | undefined
  let opened = false
  let closed = false

  const open = () => {
    clearTimeout(timer)
    source?.close()
    if (closed) return
    options.state?.('connecting')
    const mine = new EventSource(address(path, options.query), { withCredentials: true })
    source = mine
    mine.onopen = () => {
      wait = first
      options.state?.('open')
      if (opened) options.resync()
      opened = true
    }
    mine.onerror = () => {
      if (source !== mine || closed) return
      // The browser's own retry gives up on some answers and never spreads the load: ours does both.
      mine.close()
      options.state?.('waiting')
      timer = setTimeout(open, wait * (0.75 + Math.random() / 2))
      wait = Math.min(wait * 2, longest)
    }
    mine.addEventListener('resync', () => options.resync())
    for (const [name, take] of Object.entries(options.on)) {
      mine.addEventListener(name, (event) => {
        const text = (event as MessageEvent<string>).data
        take(text ? JSON.parse(text) : null)
      })
    }
  }

  const online = () => {
    wait = first
    if (source?.readyState !== EventSource.OPEN) open()
  }
  addEventListener('online', online)
  open()
  return {
    close: () => {
      closed = true
      clearTimeout(timer)
      removeEventListener('online', online)
      source?.close()
    },
    again: open,
  }
}
