// Which call a supervisor should look at first.

import type { AlertKind, Card, CallState, Grade } from './types'

const ALERT: Record<AlertKind, number> = {
  agent_wanted: 100,
  no_agent: 90,
  hot: 60,
  sensitive: 55,
  opt_out: 30,
  no_match: 25,
  degraded: 20,
  silence: 18,
  no_input: 15,
}
const GRADE: Record<Grade, number> = { A: 40, B: 24, C: 10, D: 4, E: 1, F: 0 }
const STATE: Record<CallState, number> = { waiting: 80, bridged: 16, talking: 10, screening: 5, ringing: 2, dialing: 1, ended: -50 }
/** After this long an alert is half as hot. */
const HALF_LIFE_MS = 90_000

export function hotness(card: Card, now: number): number {
  let hot = STATE[card.state] + (card.grade ? GRADE[card.grade] : 0)
  if (card.grade && card.grade_was && card.grade < card.grade_was) hot += 10
  let alert = 0
  for (const { kind, at_unix_ms } of card.alerts) alert = Math.max(alert, ALERT[kind] * 0.5 ** (Math.max(0, now - at_unix_ms) / HALF_LIFE_MS))
  return hot + alert
}

/** The alert that colours a card: the hottest, the newest among equals. */
export function worst(card: Card): Card['alerts'][number] | null {
  let found: Card['alerts'][number] | null = null
  for (const alert of card.alerts) if (!found || ALERT[alert.kind] >= ALERT[found.kind]) found = alert
  return found
}

export const TONE: Record<AlertKind, 'hot' | 'human' | 'bad' | 'warn'> = {
  hot: 'hot',
  agent_wanted: 'human',
  no_agent: 'bad',
  sensitive: 'bad',
  opt_out: 'bad',
  no_match: 'warn',
  no_input: 'warn',
  silence: 'warn',
  degraded: 'warn',
}
