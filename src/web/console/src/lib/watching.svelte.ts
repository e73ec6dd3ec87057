// The call a supervisor takes part in, and how. One at a time: one person has one pair of ears.

import { api } from './api'
import { feed } from './feed.svelte'
import { line, withLine } from './line.svelte'
import type { Mode } from './types'

export const MODES: readonly Mode[] = ['listen', 'whisper', 'barge', 'take_over']

class Watching {
  call = $state<string | null>(null)
  mode = $state<Mode | null>(null)
  /** how the call is called in the bar */
  name = $state('')
  busy = $state(false)
  /** the line as it was before (an agent's desk keeps its own open) */
  #before: 'talk' | null = null

  constructor() {
    feed.on('gone', (calls) => {
      if (this.call && calls.includes(this.call)) void this.#over()
    })
  }

  /** Joins, or changes how. The line is made fit for the mode first: who listens sends nothing. */
  async join(call: string, mode: Mode, name: string): Promise<void> {
    if (this.busy) return
    this.busy = true
    try {
      if (this.call === null) this.#before = line.use === 'talk' && line.state === 'on' ? 'talk' : null
      if (this.call !== null && this.call !== call) await api.del(`/live/calls/${encodeURIComponent(this.call)}/supervise`).catch(() => {})
      // Towards a mode that is heard the microphone comes first; away from it the server is told first.
      if (mode !== 'listen') await line.open('talk')
      else if (line.state !== 'on' || line.use !== 'hear') {
        if (this.call === call) await api.post(`/live/calls/${encodeURIComponent(call)}/supervise`, { mode })
        await line.open('hear')
      }
      await withLine(() => api.post(`/live/calls/${encodeURIComponent(call)}/supervise`, { mode }))
      this.call = call
      this.mode = mode
      this.name = name
    } catch (why) {
      if (this.call === null) await this.#restore()
      throw why
    } finally {
      this.busy = false
    }
  }

  async leave(): Promise<void> {
    const call = this.call
    if (!call) return
    this.call = this.mode = null
    await api.del(`/live/calls/${encodeURIComponent(call)}/supervise`).catch(() => {})
    await this.#restore()
  }

  async #over(): Promise<void> {
    this.call = this.mode = null
    await this.#restore()
  }

  async #restore(): Promise<void> {
    const before = this.#before
    this.#before = null
    if (before === 'talk') await line.open('talk').catch(() => {})
    else await line.close()
  }
}

export const watching = new Watching()
