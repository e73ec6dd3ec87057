// Everything that is set up before the first call: people, a dialplan, and campaigns that call one callee each.
// Wherever a name may be chosen it is markup, so that every page that shows it is tried.

import { Client } from './client.mjs'
import { Person } from './person.mjs'

let marks = 0
/** Markup that runs when it is taken for markup; each has a number of its own. */
export const mark = () => {
  const n = ++marks
  const kinds = [`<img src=x onerror=window.__xss=${n}>`, `"><script>window.__xss=${n}</script>`, `<svg onload=window.__xss=${n}>`, `'><iframe srcdoc="<script>parent.__xss=${n}</script>">`]
  return kinds[n % kinds.length]
}

export const PASSWORD = 'a long enough one 42'
/** A dialplan's first start learns its words and renders its lines. */
const READY_MS = 90_000
export const DIALPLAN = 'browser'

export async function prepare(world) {
  const [boss, ann, bob, sue] = await Promise.all(['boss', 'ann', 'bob', 'sue'].map((name) => Person.sitDown(world, name)))
  const people = { boss, ann, bob, sue }
  world.people = people
  await boss.useLink(world.link, PASSWORD)
  const api = new Client(world.base)
  await api.login('admin', PASSWORD)
  const roles = [
    ['ann', 'Ann', 'agent'],
    ['bob', `Bob ${mark()}`, 'agent'],
    ['sue', `Sue ${mark()}`, 'supervisor'],
  ]
  await Promise.all(
    roles.map(async ([name, display, role]) => {
      const user = await api.post('/users', { name, display, role, skills: role === 'agent' ? ['sales'] : [] })
      people[name].display = display
      const { url } = await api.post(`/users/${user.id}/link`)
      await people[name].useLink(url, PASSWORD)
    }),
  )
  await api.post(`/dialplans/${DIALPLAN}/publish`, { text: dialplan(), note: mark() })
  return { api, people }
}

/** Calls the n-th callee; the call's id and its events. */
export async function call(world, api, n) {
  const campaign = await api.post('/campaigns', { name: `Call ${n} ${mark()}`, dialplans: [DIALPLAN], trunk: 'far', concurrency: 1, priority: 5, windows: 'always', max_attempts: 1, country: 'CN' })
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`
  const csv = `phone,name,language,town,remark\n${world.number(n)},${quoted(mark())},en,${quoted(mark())},${quoted(`=1+1 ${mark()}`)}\n`
  const job = await api.fill(campaign.id, `${mark().replaceAll('/', '')}.csv`, csv, { phone: 'phone', name: 'name', language: 'lang', town: 'var:town', remark: 'var:remark' })
  if (job.added !== 1) throw new Error(`the list went in otherwise than meant: ${JSON.stringify(job)}`)
  const wall = api.follow('/live/events')
  await wall.until('the wall', (_, told) => told.type === 'ready')
  await api.post(`/campaigns/${campaign.id}/start`)
  const found = await wall.until('the call on the wall', (data, told) => told.type === 'cards' && data.some((card) => card.campaign.id === campaign.id), { within: READY_MS })
  wall.close()
  const { call } = found.data.find((card) => card.campaign.id === campaign.id)
  const events = api.follow(`/live/calls/${call}/events`)
  return { n, call, campaign: campaign.id, events, path: `/live/calls/${call}`, page: `#/calls/${encodeURIComponent(call)}` }
}

function dialplan() {
  const quoted = JSON.stringify
  return `callsmith: 1
name: ${DIALPLAN}
version: "1"
lang: en
voice: { name: af_bella, speed: 1.0 }
company: Brightwood
lead:
  town: { default: nowhere }
profile: US
disclosure: This is the automated assistant of {company}, on a recorded line.
start: ask
steps:
  ask:
    say: Press two to end, nine to opt out, zero for a person.
    keys:
      "2": bye
      "9": { tag: opt_out, hangup: { disposition: opt_out, result: key } }
      "0": { tag: wants_person, handoff: sales }
    on:
      affirm: bye
      deny: bye
  bye:
    say: Goodbye.
    hangup: { disposition: completed, result: done }
back: ["So, back to my question. You can press a key on your telephone whenever you like."]
busy: { say: When?, slot: callback_at, done: "I will call {callback_at}.", unclear: Later. }
opt_out: { say: You are off our list. }
robot_question: { say: "Yes." }
no_input: { after_ms: 8000, lines: [Hello?, "Are you still there?", "Take your time."], end: { say: Goodbye., disposition: silence } }
no_match: { lines: [Sorry?], end: { say: Goodbye., disposition: no_match } }
handoff:
  line: One moment, please. I am getting a colleague on the line for you.
  while_waiting: ["My colleague will be with you in a moment.", "Thank you for waiting, it will not take long now.", "Nearly there, thank you for your patience."]
  nobody: { say: Nobody is free., callback: true, disposition: transfer_failed }
card:
  ${quoted(`Town ${mark()}`)}: "{town}"
grade:
  - { grade: B, when: { all: [wants_person] }, reason: ${quoted(`asked for a person ${mark()}`)} }
  - { grade: C, when: {}, reason: unclear }
`
}
