// One rehearsal: what was said, the way it took, and what the robot made of it.

import { api } from '../../lib/api'
import { stream, type Stream } from '../../lib/events'
import type { Grade, Happening, RehearseOut, RehearseTurn } from '../../lib/types'
import { connect, type Microphone } from './microphone'

export type Item = { id: number; who: 'robot' | 'callee' | 'note'; kind: RehearseOut['kind'] | 'heard'; text: string; partial?: boolean; detail?: Record<string, unknown> }
type Kept = { items: Item[]; path: string[]; step: string | null; slots: [string, string][]; tags: string[]; grade: Grade | null }
export type Rule = { grade: string; reason: string; holds: boolean; parts: { words: string; holds: boolean }[] }
export type Begin = { name?: string; text?: string; files?: { path: string; text: string }[]; lead: Record<string, string> }
export type Turn = { heard: string } | { silence: true } | { key: string } | { back: true } | { jump: string }

export class Rehearsal {
  items = $state.raw<Item[]>([])
  path = $state.raw<string[]>([])
  step = $state<string | null>(null)
  slots = $state.raw<[string, string][]>([])
  tags = $state.raw<string[]>([])
  grade = $state<Grade | null>(null)
  ended = $state(false)
  running = $state(false)
  busy = $state(false)
  voice = $state<'off' | 'opening' | 'on'>('off')
  #id: string | null = null
  #next = 0
  #before: Kept[] = []
  turns = $state(0)
  /** why this grade: every rule, with what holds of it */
  rules = $state.raw<Rule[]>([])
  #microphone: Microphone | null = null
  #events: Stream | null = null

  async begin(what: Begin): Promise<void> {
    await this.stop()
    const answer = await api.post<{ rehearsal: string; out: RehearseOut[] } & Partial<RehearseTurn>>('/rehearse', what)
    this.#id = answer.rehearsal
    this.running = true
    this.#take(answer.out)
    this.#facts(answer)
  }

  async turn(turn: Turn, said: string | null): Promise<void> {
    if (!this.#id || this.busy || (this.ended && !('back' in turn))) return
    this.busy = true
    const before = this.#keep()
    if ('heard' in turn) this.#add('callee', 'heard', turn.heard)
    else if (said) this.#add('note', 'note', said)
    try {
      const answer = await api.post<RehearseTurn>(`/rehearse/${this.#id}`, turn)
      if ('back' in turn) {
        // The robot stands where it stood before the last answer; what it had said is in that state already.
        const last = this.#before.pop()
        if (last) this.#restore(last)
        this.turns = this.#before.length
      } else {
        this.#before.push(before)
        this.turns = this.#before.length
        this.#take(answer.out)
      }
      this.#facts(answer)
    } catch (why) {
      this.#restore(before)
      throw why
    } finally {
      this.busy = false
    }
  }

  get canGoBack(): boolean {
    return this.voice === 'off' && this.turns > 0
  }

  /** The same dialplan by microphone, from its beginning. */
  async speak(what: Begin): Promise<void> {
    await this.begin(what)
    const id = this.#id
    this.#clear()
    this.running = true
    this.voice = 'opening'
    try {
      let call = ''
      this.#microphone = await connect(async (sdp) => {
        const answer = await api.post<{ sdp: string; call: string }>(`/rehearse/${id}/line`, { sdp })
        call = answer.call
        return answer.sdp
      })
      this.#microphone.lost(() => this.#over())
      this.voice = 'on'
      this.#events = stream(`/live/calls/${call}/events`, {
        on: { event: (event: Happening) => this.#happened(event), end: () => this.#over() },
        resync: () => this.#clear(),
      })
    } catch (why) {
      await this.stop()
      throw why
    }
  }

  mute(muted: boolean): void {
    this.#microphone?.mute(muted)
  }

  async stop(): Promise<void> {
    const id = this.#id
    this.#id = null
    this.#over()
    this.#clear()
    this.running = false
    if (id) await api.del(`/rehearse/${id}`).catch(() => {})
  }

  #over(): void {
    this.#microphone?.close()
    this.#microphone = null
    this.#events?.close()
    this.#events = null
    if (this.voice !== 'off') this.ended = true
    this.voice = 'off'
  }

  #clear(): void {
    this.items = []
    this.path = []
    this.step = null
    this.slots = []
    this.tags = []
    this.grade = null
    this.ended = false
    this.#before = []
    this.turns = 0
    this.rules = []
  }

  #keep(): Kept {
    return { items: this.items, path: this.path, step: this.step, slots: this.slots, tags: this.tags, grade: this.grade }
  }
  #restore(kept: Kept): void {
    Object.assign(this, kept)
    this.ended = false
  }

  #add(who: Item['who'], kind: Item['kind'], text: string, more: Partial<Item> = {}): void {
    this.items = [...this.items.filter((item) => !item.partial), { id: this.#next++, who, kind, text, ...more }]
  }

  #go(step: string): void {
    this.step = step
    if (this.path.at(-1) !== step) this.path = [...this.path, step]
  }

  #take(out: RehearseOut[]): void {
    for (const one of out) {
      if (one.kind === 'step') this.#go(one.text)
      this.#add(one.kind === 'say' ? 'robot' : 'note', one.kind, one.text, one.detail ? { detail: one.detail } : {})
    }
  }

  #facts(turn: Partial<RehearseTurn> & { rules?: Rule[] }): void {
    if (turn.rules) this.rules = turn.rules
    if (turn.step) this.#go(turn.step)
    if (turn.slots) this.slots = Object.entries(turn.slots)
    if (turn.tags) this.tags = turn.tags
    if (turn.grade !== undefined) this.grade = turn.grade
    if (turn.ended) this.ended = true
  }

  /** What a call by microphone tells, as the same lines. */
  #happened(event: Happening): void {
    const text = (key: string) => String(event[key] ?? '')
    switch (event.kind) {
      case 'saying':
        return this.#add('robot', 'say', text('text'))
      case 'partial':
        return this.#add('callee', 'heard', text('text'), { partial: true })
      case 'heard':
        return this.#add('callee', 'heard', text('text'))
      case 'step':
        this.#go(text('step'))
        return this.#add('note', 'step', text('step'))
      case 'intent':
        return this.#add('note', 'intent', text('intent'))
      case 'tag':
        this.tags = [...new Set([...this.tags, text('tag')])]
        return this.#add('note', 'tag', text('tag'))
      case 'slot':
        this.slots = [...this.slots.filter(([name]) => name !== text('name')), [text('name'), text('value')]]
        return this.#add('note', 'slot', `${text('name')} = ${text('value')}`)
      case 'graded':
        this.grade = event.grade as Grade
        return this.#add('note', 'grade', text('grade'), { detail: { reasons: event.reasons } })
      case 'ended':
        this.#add('note', 'hangup', text('disposition') || text('result'))
        return this.#over()
    }
  }
}
