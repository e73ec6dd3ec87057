// The server's words, as /api/v1 sends them. Times are unix milliseconds unless a name says otherwise.

export type Lang = 'zh' | 'en'
export type Role = 'admin' | 'ops' | 'supervisor' | 'agent' | 'auditor'
export type Paged<T> = { items: T[]; next: string | null }

// ---- who

export type Tenant = {
  id: number
  name: string
  kind: 'platform' | 'merchant'
  mode: 'managed' | 'self_governing'
  suspended: boolean
}
export type User = {
  id: number
  name: string
  display: string
  role: Role
  tenant: number
  skills: string[]
  sip_uri: string | null
  /** "mon-fri 09:00-18:00; sat 10:00-14:00" in `tz` */
  hours: string | null
  tz: string | null
  disabled: boolean
  created_unix_ms: number
  last_login_unix_ms: number | null
}
export type Me = {
  user: User
  tenant: Tenant
  /** those this person may act for */
  tenants: Tenant[]
  csrf: string
  may: string[]
  demo: boolean
}
export type ApiKey = {
  id: number
  name: string
  role: Role
  scopes: string[]
  prefix: string
  created_unix_ms: number
  last_used_unix_ms: number | null
  expires_unix_ms: number | null
  revoked: boolean
}
export type AuditRow = {
  id: number
  at_unix_ms: number
  who: string
  role: Role
  action: string
  object: string
  detail: Record<string, unknown>
  hash: string
}

// ---- live

export type CallState = 'dialing' | 'ringing' | 'screening' | 'talking' | 'waiting' | 'bridged' | 'ended'
export type Grade = 'A' | 'B' | 'C' | 'D' | 'E' | 'F'
export type AlertKind =
  | 'hot'
  | 'agent_wanted'
  | 'no_agent'
  | 'no_match'
  | 'no_input'
  | 'sensitive'
  | 'opt_out'
  | 'degraded'
  | 'silence'
export type Alert = { kind: AlertKind; text: string; at_unix_ms: number }
export type Mode = 'listen' | 'whisper' | 'barge' | 'take_over'
export type Watcher = { user: number; name: string; mode: Mode }
export type Who = 'callee' | 'robot' | 'agent'
export type Card = {
  call: string
  campaign: { id: number; name: string }
  lead: { id: number; row: number; name: string | null }
  phone: string
  lang: Lang
  dialplan: string
  state: CallState
  step: string | null
  grade: Grade | null
  grade_was: Grade | null
  tags: string[]
  last: { who: Who; text: string; partial: boolean } | null
  alerts: Alert[]
  agent: { user: number | null; id: string; name: string } | null
  watchers: Watcher[]
  started_unix_ms: number
  answered_unix_ms: number | null
  rev: number
}
/** One event of a call, as journalled: `kind` with the fields of that kind; `at` in ms since the first INVITE. */
export type Happening = { seq: number; at: number; kind: string } & Record<string, unknown>

// ---- desk

export type Presence = 'offline' | 'ready' | 'break' | 'offered' | 'on_call' | 'wrap_up'
export type LineKind = 'browser' | 'sip'
export type AgentState = {
  user: number
  id: string
  name: string
  presence: Presence
  since_unix_ms: number
  skills: string[]
  call: string | null
  line: LineKind | null
  calls_today: number
  talk_today_ms: number
}
export type Offer = {
  call: string
  reason: string
  skill: string | null
  grade: Grade | null
  lead: { name: string | null }
  rings_until_unix_ms: number
}
export type OfferGone = { call: string; why: 'taken' | 'timeout' | 'ended' | 'declined'; by: string | null }
export type DeskMe = {
  presence: Presence
  since_unix_ms: number
  line: LineKind | null
  call: string | null
  offers: Offer[]
  wrap_up_until_unix_ms: number | null
  skills: string[]
  within_hours: boolean
  /** why the presence is not what one chose */
  note?: string | null
  /** calls are offered to this person */
  agent?: boolean
}
export type Line = {
  who: Who
  text: string
  at_ms: number
  confidence?: number
  tags?: string[]
  partial?: boolean
}
export type ScreenPop = {
  call: string
  reason: string
  evidence: string
  briefing: string[]
  grade: Grade | null
  reasons: string[]
  lead: { id: number; name: string | null; vars: Record<string, string> }
  phone: string
  card: [string, string][]
  transcript: Line[]
  contact: { tags: string[]; calls: CallRow[] }
  tags: { tag: string; evidence: string }[]
}
export type Suggestion = { question: string; answer: string; score: number }
export type Task = {
  id: number
  call: string
  lead: { id: number; name: string | null }
  phone: string
  reason: string
  due_unix_ms: number
  created_unix_ms: number
  done_unix_ms: number | null
  by: string | null
}

// ---- lists and campaigns

export type ListFile = {
  list: string
  name: string
  bytes: number
  kind: 'csv' | 'xlsx'
  sheets: string[]
  encoding: string | null
  /** `field`: phone | name | lang | tz | ignore | var:NAME */
  columns: { name: string; samples: string[]; field: string }[]
  remembered: boolean
}
export type RowError = { row: number; column: string | null; message: string; message_zh?: string }
export type Job = {
  job: string
  kind: 'check' | 'import' | 'export'
  state: 'running' | 'done' | 'failed'
  rows: number
  total: number | null
  added: number
  known: number
  on_dnc: number
  bad: number
  /** the first 200 */
  errors: RowError[]
  message: string | null
}
export type CampaignState = 'running' | 'paused' | 'stopped' | 'finished'
export type Progress = { total: number; queued: number; claimed: number; done: number; live: number }
export type Campaign = {
  id: number
  name: string
  state: CampaignState
  dialplans: { lang: string; name: string; version: number | null }[]
  trunk: string
  concurrency: number
  priority: number
  windows: string
  max_attempts: number
  created_unix_ms: number
  progress: Progress
  next_unix_ms: number | null
  problem: string | null
}
export type Lead = {
  id: number
  row: number
  name: string | null
  phone: string
  lang: Lang
  status: string
  attempts: number
  next_unix_ms: number | null
  disposition: string | null
  grade: Grade | null
  call: string | null
}
export type CampaignStats = {
  dispositions: { code: string; count: number }[]
  grades: { grade: Grade; count: number }[]
  connect_rate: number
  intent_rate: number
  conversion_rate: number
  funnel: { step: string; name: string | null; entered: number; left: number }[]
  intents: { intent: string; count: number }[]
  hours: { hour: number; dialed: number; connected: number }[]
  /** per 5 minutes, the last 24 hours */
  pace: { unix_ms: number; dialed: number; connected: number }[]
  talk_ms_p50: number
  cost?: null
}
export type Trunk = { name: string; host: string; channels: number; caller_ids: string[] }
export type Disposition = { code: string; family: string; zh: string; en: string }

// ---- calls, quality, contacts

export type CallRow = {
  call: string
  campaign: { id: number; name: string }
  lead: { id: number; name: string | null }
  phone: string
  started_unix_ms: number
  talk_ms: number
  disposition: string | null
  grade: Grade | null
  tags: string[]
  agent: string | null
  recording: boolean
  review: number | null
}
export type Note = {
  id: number
  by: string
  text: string
  score: number | null
  at_ms: number | null
  created_unix_ms: number
}
export type TagHit = { tag: string; evidence: string; score: number; at_ms: number }
export type CallDetail = CallRow & {
  reasons: string[]
  result: string | null
  cause: string | null
  cause_text: string | null
  sip_code: number | null
  q850: number | null
  hangup_by: string | null
  ring_ms: number
  trunk: string
  caller_id: string
  card: [string, string][]
  slots: { name: string; value: string; evidence: string }[]
  tag_hits: TagHit[]
  transcript: Line[]
  steps: { step: string; at_ms: number }[]
  notes: Note[]
  dialplan: { name: string; version: number | null } | null
  /** ms from the first INVITE to the answer, where the recording begins */
  answered_ms?: number | null
  live: boolean
}
export type SipMessage = { at_ms: number; dir: 'in' | 'out'; first_line: string; text: string }
export type QcWord = { word: string; lang: Lang; kind: 'forbidden' | 'sensitive' }
export type QcHit = { call: string; word: string; who: Who; text: string; at_ms: number; unix_ms: number }
export type AgentStats = {
  agent: string
  name: string
  offered: number
  accepted: number
  missed: number
  talk_ms: number
  wrap_ms: number
  conversions: number
  score: number | null
}
export type RobotStats = {
  calls: number
  connected: number
  turns: number
  no_match_rate: number
  no_input_rate: number
  interruptions: number
  latency_p50_ms: number
  latency_p95_ms: number
  handoffs: number
  opt_outs: number
  by_dialplan: Record<string, unknown>[]
}
export type FollowUp = {
  id: number
  lead: number
  name: string | null
  phone: string
  due_unix_ms: number
  campaign: string | null
  reason: string
  done_unix_ms: number | null
}
export type Contact = {
  contact: string
  phone: string
  name: string | null
  tags: string[]
  calls: number
  last_unix_ms: number | null
  dnc: boolean
}
export type ContactDetail = Omit<Contact, 'tags'> & {
  history: CallRow[]
  follow_ups: FollowUp[]
  tags: { tag: string; at_unix_ms: number; call: string | null }[]
}
export type Webhook = { id: number; url: string; events: string[]; [more: string]: unknown }
export type Delivery = {
  id: number
  event: string
  at_unix_ms: number
  attempts: number
  status: 'waiting' | 'done' | 'failed'
  last_error: string | null
  next_unix_ms: number | null
}

// ---- dialplans

export type DialplanRow = {
  name: string
  lang: string
  langs: string[]
  version: number | null
  published_unix_ms: number | null
  by: string | null
  steps: number
}
export type GraphNode = {
  id: string
  kind: 'step' | 'end' | 'handoff'
  title: string
  say: string | null
  flow: string | null
  live: number
  entered: number
  left: number
}
export type GraphEdge = {
  from: string
  to: string
  label: string
  kind: 'branch' | 'no_input' | 'no_match' | 'faq' | 'call'
}
export type Graph = { nodes: GraphNode[]; edges: GraphEdge[] }
export type Dialplan = {
  name: string
  version: number | null
  text: string
  files: { path: string; text: string }[]
  graph: Graph
}
export type Finding = {
  line: number
  column: number
  len: number
  severity: 'error' | 'warning'
  message: string
  advice: string | null
}
export type DialplanVersion = { version: number; by: string; note: string; at_unix_ms: number; active: boolean }
export type RehearseOut = {
  kind: 'say' | 'tag' | 'slot' | 'grade' | 'step' | 'intent' | 'hangup' | 'lookup' | 'note'
  text: string
  detail?: Record<string, unknown>
}
export type RehearseTurn = {
  out: RehearseOut[]
  ended: boolean
  step: string | null
  slots: Record<string, string>
  tags: string[]
  grade: Grade | null
}
export type PlanSuggestion = {
  id: string
  kind: 'intent' | 'answer'
  intent: string
  phrases: { text: string; count: number }[]
  answer: string | null
  calls: string[]
}
