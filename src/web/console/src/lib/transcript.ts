// A call's events, one after another, become what the page shows: lines of talk with what they earned, notes between
// them, and the state beside them. Pure; tested without a browser.

import type { CallDetail, CallState, Grade, Happening, Mode, Watcher, Who } from './types'

export type TagMark = { tag: string; evidence: string; score: number }
export type Said = {
  id: number
  kind: 'line'
  who: Who
  /** the human's name, the robot's step */
  by: string | null
  text: string
  /** ms since the first INVITE */
  at: number
  partial: boolean
  confidence: number | null
  tags: TagMark[]
  intent: string | null
  interrupted: boolean
}
export type Remark = {
  id: number
  kind: 'note'
  what: string
  at: number
  fields: Record<string, unknown>
  /** only ops care: hidden until all events are wanted */
  minor: boolean
  tone: 'plain' | 'good' | 'warn' | 'bad' | 'human'
}
export type Item = Said | Remark

export type View = {
  items: Item[]
  state: CallState
  steps: { step: string; at: number }[]
  grade: Grade | null
  gradeWas: Grade | null
  reasons: string[]
  card: Map<string, string>
  slots: Map<string, { value: string; evidence: string }>
  tags: TagMark[]
  agent: string | null
  /** the supervisor who has the callee */
  taken: string | null
  watchers: Watcher[]
  answeredAt: number | null
  endedAt: number | null
  disposition: string | null
  agentRinging: string[]
  lastSeq: number
}

export const blank = (): View => ({
  items: [],
  state: 'dialing',
  steps: [],
  grade: null,
  gradeWas: null,
  reasons: [],
  card: new Map(),
  slots: new Map(),
  tags: [],
  agent: null,
  taken: null,
  watchers: [],
  answeredAt: null,
  endedAt: null,
  disposition: null,
  agentRinging: [],
  lastSeq: -1,
})

const MINOR = new Set(['dialing', 'ringing', 'early_media', 'step', 'intent', 'slot', 'back_channel', 'key', 'lookup', 'card', 'contact_tag', 'not_understood', 'no_input', 'offer_lost', 'held'])
const TONES: Record<string, Remark['tone']> = {
  answered: 'good',
  bridged: 'human',
  agent_answered: 'human',
  agent_wanted: 'human',
  agent_ringing: 'human',
  taken_over: 'human',
  handed_back: 'human',
  steered: 'human',
  watching: 'human',
  watch_ended: 'human',
  graded: 'good',
  opt_out: 'bad',
  line_lost: 'bad',
  nobody_came: 'warn',
  agent_gone: 'warn',
  agent_declined: 'warn',
  no_match: 'warn',
  degraded: 'warn',
}
/** Told by what they change, not by a note of their own. */
const SILENT = new Set(['said', 'speech_started', 'partial', 'agent_partial', 'turn_latency', 'leg_ended', 'tag'])

const text = (value: unknown): string => (typeof value === 'string' ? value : value === null || value === undefined ? '' : String(value))

/** Adds one event. Items are never changed in place but replaced, so that a page redraws only what changed. */
export function take(view: View, event: Happening): void {
  // A reconnected stream tells everything again.
  if (event.seq <= view.lastSeq) return
  view.lastSeq = event.seq
  switch (event.kind) {
    case 'ringing':
      view.state = 'ringing'
      break
    case 'early_media':
    case 'line_status':
      if (view.answeredAt === null) view.state = 'screening'
      break
    case 'answered':
      view.state = 'talking'
      view.answeredAt = event.at
      break
    case 'step':
      view.steps.push({ step: text(event.step), at: event.at })
      break
    case 'saying':
      close(view, 'robot')
      view.items.push(line(event, 'robot', text(event.text), text(event.step) || null))
      return
    case 'said':
      if (event.interrupted) amend(view, 'robot', (said) => ({ ...said, interrupted: true }))
      break
    case 'partial':
      return partial(view, event, 'callee', null)
    case 'agent_partial':
      return partial(view, event, 'agent', text(event.agent))
    case 'heard':
      return final(view, event, 'callee', null)
    case 'agent_said':
      return final(view, event, 'agent', text(event.agent))
    case 'not_understood':
      close(view, 'callee')
      break
    case 'intent':
      amend(view, 'callee', (said) => ({ ...said, intent: text(event.intent) }))
      break
    case 'tag': {
      const mark = { tag: text(event.tag), evidence: text(event.evidence), score: Number(event.score) || 0 }
      if (!view.tags.some((other) => other.tag === mark.tag)) view.tags.push(mark)
      earn(view, mark)
      break
    }
    case 'slot':
      view.slots.set(text(event.name), { value: text(event.value), evidence: text(event.evidence) })
      break
    case 'card':
      view.card.set(text(event.field), text(event.value))
      break
    case 'graded':
      if (event.grade !== view.grade) view.gradeWas = view.grade
      view.grade = event.grade as Grade
      view.reasons = Array.isArray(event.reasons) ? event.reasons.map(text) : []
      break
    case 'agent_wanted':
      if (view.state !== 'bridged') view.state = 'waiting'
      view.agentRinging = []
      break
    case 'agent_ringing':
      view.agentRinging = [...view.agentRinging.filter((agent) => agent !== event.agent), text(event.agent)]
      break
    case 'agent_declined':
      view.agentRinging = view.agentRinging.filter((agent) => agent !== event.agent)
      break
    case 'bridged':
      view.state = 'bridged'
      view.agent = text(event.agent)
      view.agentRinging = []
      break
    case 'taken_over':
      view.state = 'bridged'
      view.taken = text(event.by)
      break
    case 'handed_back':
      view.taken = null
      view.agent = event.to ? text(event.to) : null
      view.state = event.to ? 'bridged' : 'talking'
      break
    case 'resumed':
    case 'nobody_came':
      view.agent = event.kind === 'resumed' ? null : view.agent
      view.taken = event.kind === 'resumed' ? null : view.taken
      view.state = 'talking'
      view.agentRinging = []
      break
    case 'agent_gone':
      if (view.agent === event.agent) view.agent = null
      break
    case 'watching': {
      const watcher = { user: Number(event.user), name: text(event.name), mode: event.mode as Mode }
      view.watchers = [...view.watchers.filter((other) => other.user !== watcher.user), watcher]
      break
    }
    case 'watch_ended':
      view.watchers = view.watchers.filter((other) => other.user !== event.user)
      break
    case 'ended':
      close(view, 'callee')
      close(view, 'agent')
      view.state = 'ended'
      view.endedAt = event.at
      view.disposition = text(event.disposition)
      view.watchers = []
      break
  }
  if (SILENT.has(event.kind)) return
  const { seq, at, kind, ...fields } = event
  view.items.push({ id: seq, kind: 'note', what: kind, at, fields, minor: MINOR.has(kind), tone: TONES[kind] ?? 'plain' })
}

function line(event: Happening, who: Who, words: string, by: string | null): Said {
  const began = typeof event.began === 'number' ? event.began : event.at
  const confidence = typeof event.confidence === 'number' ? event.confidence : null
  return { id: event.seq, kind: 'line', who, by, text: words, at: began, partial: false, confidence, tags: [], intent: null, interrupted: false }
}

/** The place of this side's unfinished line. */
function open(view: View, who: Who): number {
  return view.items.findLastIndex((item) => item.kind === 'line' && item.who === who && item.partial)
}

function partial(view: View, event: Happening, who: Who, by: string | null): void {
  const at = open(view, who)
  const was = view.items[at]
  if (was?.kind === 'line') view.items[at] = { ...was, text: text(event.text) }
  else view.items.push({ ...line(event, who, text(event.text), by), partial: true })
}

function final(view: View, event: Happening, who: Who, by: string | null): void {
  const at = open(view, who)
  const was = view.items[at]
  const said = line(event, who, text(event.text), by)
  // The unfinished line keeps its identity: it is the same element of the page that becomes final.
  if (was?.kind === 'line') view.items[at] = { ...said, id: was.id }
  else view.items.push(said)
}

/** Takes away what never became words. */
function close(view: View, who: Who): void {
  const at = open(view, who)
  if (at >= 0) view.items.splice(at, 1)
}

function amend(view: View, who: Who, change: (said: Said) => Said): void {
  const at = view.items.findLastIndex((item) => item.kind === 'line' && item.who === who)
  const was = view.items[at]
  if (was?.kind === 'line') view.items[at] = change(was)
}

/** A tag stands at the words that earned it: the newest line that holds its evidence. */
function earn(view: View, mark: TagMark): void {
  const has = (item: Item) => item.kind === 'line' && item.who === 'callee' && mark.evidence !== '' && item.text.includes(mark.evidence)
  let at = view.items.findLastIndex(has)
  if (at < 0) at = view.items.findLastIndex((item) => item.kind === 'line' && item.who === 'callee')
  const was = view.items[at]
  if (was?.kind === 'line' && !was.tags.some((other) => other.tag === mark.tag)) view.items[at] = { ...was, tags: [...was.tags, mark] }
}

/** The same for a call that is over, from what the store keeps. */
export function fromDetail(detail: CallDetail): View {
  const view = blank()
  const stops = [
    ...detail.steps.map((step) => ({ at: step.at_ms, event: { kind: 'step', step: step.step } })),
    ...detail.transcript.map((said) => ({ at: said.at_ms, said })),
    ...detail.tag_hits.map((hit) => ({ at: hit.at_ms, event: { kind: 'tag', tag: hit.tag, evidence: hit.evidence, score: hit.score } })),
  ].sort((a, b) => a.at - b.at)
  stops.forEach((stop, seq) => {
    if ('event' in stop) return take(view, { seq, at: stop.at, ...stop.event } as Happening)
    const { said } = stop
    view.lastSeq = seq
    const step = said.who === 'robot' ? (view.steps.at(-1)?.step ?? null) : said.who === 'agent' ? detail.agent : null
    view.items.push({ id: seq, kind: 'line', who: said.who, by: step, text: said.text, at: said.at_ms, partial: false, confidence: said.confidence ?? null, tags: (said.tags ?? []).map((tag) => ({ tag, evidence: '', score: 1 })), intent: null, interrupted: false })
  })
  for (const [field, value] of detail.card) view.card.set(field, value)
  for (const slot of detail.slots) view.slots.set(slot.name, { value: slot.value, evidence: slot.evidence })
  view.grade = detail.grade
  view.reasons = detail.reasons
  view.agent = detail.agent
  view.state = detail.live ? 'talking' : 'ended'
  view.disposition = detail.disposition
  return view
}

/** A line cut at the words that earned tags: plain and marked pieces. */
export function pieces(said: Pick<Said, 'text' | 'tags'>): { text: string; tags: string[] }[] {
  const cuts: { from: number; to: number; tags: string[] }[] = []
  for (const { tag, evidence } of said.tags) {
    const from = evidence ? said.text.indexOf(evidence) : -1
    if (from < 0) continue
    const to = from + evidence.length
    const same = cuts.find((cut) => cut.from < to && from < cut.to)
    if (same) {
      same.from = Math.min(same.from, from)
      same.to = Math.max(same.to, to)
      same.tags.push(tag)
    } else cuts.push({ from, to, tags: [tag] })
  }
  cuts.sort((a, b) => a.from - b.from)
  const out: { text: string; tags: string[] }[] = []
  let at = 0
  for (const cut of cuts) {
    if (cut.from > at) out.push({ text: said.text.slice(at, cut.from), tags: [] })
    out.push({ text: said.text.slice(Math.max(at, cut.from), cut.to), tags: cut.tags })
    at = cut.to
  }
  if (at < said.text.length) out.push({ text: said.text.slice(at), tags: [] })
  return out
}
