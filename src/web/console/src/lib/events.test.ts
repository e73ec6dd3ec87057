import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { stream } from './events'

class Source extends EventTarget {
  static readonly OPEN = 1
  static all: Source[] = []
  readyState = 0
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  closed = false
  constructor(readonly url: string) {
    super()
    Source.all.push(this)
  }
  close() {
    this.closed = true
  }
  opens() {
    this.readyState = 1
    this.onopen?.()
  }
  says(event: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }))
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  Source.all = []
  vi.stubGlobal('EventSource', Source)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('an event stream', () => {
  it('comes back by itself, later each time, and asks for what was missed', () => {
    const resync = vi.fn()
    const cards = vi.fn()
    const one = stream('/live/events', { on: { cards }, resync, first: 100, longest: 400 })
    Source.all[0]!.opens()
    expect(resync).not.toHaveBeenCalled()
    Source.all[0]!.says('cards', [1])
    expect(cards).toHaveBeenCalledWith([1])

    Source.all[0]!.onerror!()
    expect(Source.all[0]!.closed).toBe(true)
    vi.advanceTimersByTime(130)
    expect(Source.all).toHaveLength(2)
    Source.all[1]!.onerror!()
    vi.advanceTimersByTime(130)
    expect(Source.all).toHaveLength(2)
    vi.advanceTimersByTime(130)
    expect(Source.all).toHaveLength(3)
    Source.all[2]!.opens()
    expect(resync).toHaveBeenCalledOnce()
    one.close()
  })

  it('asks again when the server says that events were left out', () => {
    const resync = vi.fn()
    const one = stream('/live/events', { on: {}, resync })
    Source.all[0]!.opens()
    Source.all[0]!.dispatchEvent(new MessageEvent('resync', { data: '' }))
    expect(resync).toHaveBeenCalledOnce()
    one.close()
  })

  it('stays closed once it was closed', () => {
    const one = stream('/live/events', { on: {}, resync: () => {}, first: 10 })
    Source.all[0]!.onerror!()
    one.close()
    vi.advanceTimersByTime(10_000)
    expect(Source.all).toHaveLength(1)
  })
})
