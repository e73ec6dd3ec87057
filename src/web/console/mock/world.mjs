// The mock's calls, agents and streams: everything moves by one clock of 250 ms.

import { names, scripts } from './scripts.mjs'

const TICK_MS = 250
const pick = (all) => all[Math.floor(Math.random() * all.length)]

class Call {
  constructor(world, number, fresh) {
    const script = scripts[number % scripts.length]
    const name = pick(names[script.lang])
    Object.assign(this, { world, script, events: [], seq: 0, began: Date.now(), line: -1, shown: 0, wait: 2, listeners: new Set(), steered: [], cells: {}, spoken: [] })
    this.card = {
      call: `01K${(Date.now() % 1e9).toString(36).toUpperCase()}${number.toString(36).toUpperCase().padStart(5, '0')}`,
      campaign: script.campaign,
      lead: { id: number + 1, row: number + 2, name: number % 9 === 7 ? null : name },
      phone: script.lang === 'zh' ? `1${pick('35789')}${pick('0123456789')}****${1000 + (number % 9000)}` : `+1 415 *** ${1000 + (number % 9000)}`,
      lang: script.lang,
      dialplan: script.dialplan,
      state: 'dialing',
      step: null,
      grade: null,
      grade_was: null,
      tags: [],
      last: null,
      alerts: [],
      agent: null,
      watchers: [],
      started_unix_ms: this.began,
      answered_unix_ms: null,
      rev: 1,
    }
    this.lead = { name, vars: script.lang === 'zh' ? { 姓名: name, 年级: '三年级', 校区: '朝阳校区' } : { name, policy: 'AC-20931', ends: '30 Nov' } }
    this.say('dialing', { trunk: 'main', caller_id: '02155501000' })
    // The first calls of a run are spread over their lives, as on a floor that has been working for an hour.
    if (!fresh) for (let n = Math.floor(Math.random() * 220); n > 0 && !this.over; n--) this.step(true)
  }

  say(kind, more = {}) {
    const event = { seq: this.seq++, at: Date.now() - this.began, kind, ...more }
    this.events.push(event)
    for (const one of this.listeners) one.send('event', event)
  }

  touch(change) {
    Object.assign(this.card, change)
    this.card.rev++
    this.world.dirty.add(this)
  }

  alert(kind, text) {
    this.touch({ alerts: [...this.card.alerts.filter((alert) => alert.kind !== kind), { kind, text, at_unix_ms: Date.now() }] })
  }

  step(silent = false) {
    if (silent) this.began -= TICK_MS
    if (silent) {
      this.card.started_unix_ms = this.began
      if (this.card.answered_unix_ms !== null) this.card.answered_unix_ms -= TICK_MS
      for (const alert of this.card.alerts) alert.at_unix_ms -= TICK_MS
    }
    const { card } = this
    if (this.wait-- > 0) return
    if (card.state === 'dialing') {
      this.say('ringing', { code: 180 })
      this.touch({ state: 'ringing' })
      this.wait = 6 + Math.random() * 20
    } else if (card.state === 'ringing') {
      if (Math.random() < 0.06) return this.end('no_answer')
      this.say('answered')
      this.touch({ state: 'talking', answered_unix_ms: this.began + this.events.at(-1).at })
    } else this.talk()
  }

  talk() {
    const line = this.current()
    if (!line) {
      this.line++
      this.shown = 0
      const next = this.script.lines[this.line]
      if (!next) return this.end(this.card.agent ? 'transferred' : 'completed')
      this.now = { ...next, text: next.text.replace('{name}', this.lead.name) }
      if (this.now.who === 'robot') {
        this.say('step', { step: this.now.step })
        this.say('saying', { step: this.now.step, text: this.now.text })
        this.touch({ step: this.now.step, last: { who: 'robot', text: this.now.text, partial: false } })
        this.wait = Math.min(28, this.now.text.length * (this.card.lang === 'zh' ? 0.9 : 0.25))
        this.shown = this.now.text.length
      } else {
        if (this.now.who === 'agent' && !this.card.agent) this.bridge({ user: 9, id: 'lina', name: this.card.lang === 'zh' ? '李娜' : 'Anna' })
        if (this.now.who === 'callee') this.say('speech_started')
      }
      return
    }
    this.shown = Math.min(line.text.length, this.shown + (this.card.lang === 'zh' ? 3 : 8))
    const text = line.text.slice(0, this.shown)
    if (this.shown < line.text.length) {
      this.say(line.who === 'agent' ? 'agent_partial' : 'partial', line.who === 'agent' ? { agent: 'lina', text } : { text })
      this.touch({ last: { who: line.who, text, partial: true } })
    } else this.finish(line)
  }

  current() {
    if (!this.now) return null
    if (this.shown < this.now.text.length) return this.now
    if (this.now.who === 'robot') {
      this.say('said', { spoken_ms: this.now.text.length * 180, interrupted: false })
      this.spoken.push({ who: 'robot', text: this.now.text, at_ms: this.events.at(-1).at })
    }
    this.now = null
    return null
  }

  finish(line) {
    const at = Date.now() - this.began
    this.now = null
    this.wait = 3
    this.spoken.push({ who: line.who, text: line.text, at_ms: at })
    if (line.who === 'agent') {
      this.say('agent_said', { agent: this.card.agent?.name ?? 'lina', text: line.text, confidence: 0.93, began: Math.max(0, at - 3000), ended: at })
      return this.touch({ last: { who: 'agent', text: line.text, partial: false } })
    }
    this.say('heard', { text: line.text, confidence: 0.6 + Math.random() * 0.4, began: Math.max(0, at - 2000), ended: at })
    this.touch({ last: { who: 'callee', text: line.text, partial: false } })
    if (line.intent) this.say('intent', { intent: line.intent, score: 0.92, evidence: line.text })
    for (const [name, value] of Object.entries(line.slots ?? {})) this.say('slot', { name, value, evidence: line.text })
    for (const [tag, evidence] of line.tags ?? []) {
      this.say('tag', { tag, evidence, score: 0.9 })
      this.touch({ tags: [...new Set([...this.card.tags, tag])] })
    }
    for (const [field, value] of Object.entries(line.card ?? {})) {
      this.cells[field] = value
      this.say('card', { field, value })
    }
    if (line.nomatch) {
      this.say('no_match', { count: line.nomatch })
      this.alert('no_match', this.card.lang === 'zh' ? '连续听不懂' : 'not understood')
    }
    if (line.alert) this.alert(line.alert[0], line.alert[1])
    if (line.grade) this.grade(line.grade[0], [line.grade[1]])
    if (line.want) {
      this.say('agent_wanted', { reason: line.want, skill: 'sales' })
      this.alert('agent_wanted', line.want)
      this.touch({ state: 'waiting' })
      this.world.wanted(this, line.want)
    }
  }

  grade(grade, reasons, by) {
    this.say('graded', { grade, reasons, ...(by ? { by } : {}) })
    this.touch({ grade_was: this.card.grade, grade })
    if (grade === 'A') this.alert('hot', reasons[0])
  }

  bridge(agent) {
    this.say('agent_answered', { agent: agent.id })
    this.say('bridged', { agent: agent.id })
    this.touch({ state: 'bridged', agent, alerts: this.card.alerts.filter((alert) => alert.kind !== 'agent_wanted') })
  }

  end(disposition) {
    this.over = true
    this.say('ended', { disposition, result: null, cause: null, ring_ms: 4200, talk_ms: this.card.answered_unix_ms ? Date.now() - this.card.answered_unix_ms : 0 })
    for (const one of this.listeners) one.send('end', null)
    this.card.state = 'ended'
    this.disposition = disposition
  }
}

export class World {
  constructor(options) {
    Object.assign(this, options)
    this.began = Date.now()
    this.streams = new Set()
    this.live = new Map()
    this.past = []
    this.dirty = new Set()
    this.number = 0
    this.desk = new Map()
    for (let n = 0; n < this.calls; n++) this.dial(false)
    if (!this.quiet) setInterval(() => this.tick(), TICK_MS)
  }

  dial(fresh) {
    const call = new Call(this, this.number++, fresh)
    if (call.over) this.past.unshift(call)
    else this.live.set(call.card.call, call)
    return call
  }

  tick() {
    const gone = []
    for (const call of this.live.values()) {
      call.step()
      if (!call.over) continue
      this.live.delete(call.card.call)
      this.past.unshift(call)
      gone.push(call.card.call)
    }
    this.past.length = Math.min(this.past.length, 400)
    while (this.live.size < this.calls) this.dirty.add(this.dial(true))
    const cards = [...this.dirty].filter((call) => !call.over).map((call) => call.card)
    this.dirty.clear()
    if (cards.length) this.tell('cards', cards)
    if (gone.length) this.tell('gone', gone)
  }

  wanted() {}

  find(id) {
    return this.live.get(id) ?? this.past.find((call) => call.card.call === id) ?? null
  }

  /** Opens a server-sent event stream on a response. */
  stream({ request, response, role }, all = true) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write('event: ready\ndata: {}\n\n')
    const one = { role, send: (event, data) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`), end: () => response.end() }
    if (all) this.streams.add(one)
    request.on('close', () => this.streams.delete(one))
    return one
  }

  /** Sends to everybody, or to one role. One text for all. */
  tell(event, data, role = null) {
    for (const one of this.streams) if (!role || one.role === role) one.send(event, data)
  }
}
