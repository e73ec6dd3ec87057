// The words of what happened in a call, between the lines of talk.

import { t } from '../i18n/call'
import { t as common } from '../i18n/common'
import { dispositions } from './dispositions.svelte'
import type { Remark } from './transcript'
import type { IconName } from '../ui/icons'

const ICONS: Record<string, IconName> = {
  answered: 'calls',
  graded: 'stats',
  agent_wanted: 'desk',
  agent_ringing: 'desk',
  bridged: 'desk',
  agent_answered: 'desk',
  taken_over: 'take_over',
  handed_back: 'hand_back',
  steered: 'steer',
  watching: 'eye',
  watch_ended: 'eye',
  opt_out: 'dnc',
  callback: 'clock',
  follow_up: 'clock',
  ended: 'hang_up',
  hangup_ordered: 'hang_up',
  step: 'dialplans',
  no_match: 'alert',
  degraded: 'alert',
  line_lost: 'alert',
  card: 'edit',
  card_edited: 'edit',
}

export const remarkIcon = (remark: Remark): IconName => ICONS[remark.what] ?? 'info'

export function remarkText(remark: Remark, names: Record<string, string> = {}): string {
  const { what, fields } = remark
  const say = (key: string, more: Record<string, unknown> = {}) => {
    if (!Object.hasOwn(t.words, key)) return what
    const all: Record<string, string> = {}
    for (const [name, value] of Object.entries({ ...fields, ...more })) all[name] = Array.isArray(value) ? value.join(common('zh') === '中文' ? '、' : ', ') : value === null || value === undefined ? '' : (names[String(value)] ?? String(value))
    return t(key as Parameters<typeof t>[0], all)
  }
  if (what === 'graded' && fields.by) return say('on_graded_by')
  if (what === 'watching') return say('on_watching', { mode: t.maybe(String(fields.mode)) })
  if (what === 'steered') return say('on_steered', { what: fields.say ?? fields.step })
  if (what === 'held') return say(fields.held ? 'on_held' : 'on_unheld')
  if (what === 'ended') return say('on_ended', { disposition: dispositions.name(String(fields.disposition)) })
  if (what === 'lookup') return say('on_lookup', { why: fields.ok ? ' ✓' : ` ✗ ${String(fields.why ?? '')}` })
  return say(`on_${what}`)
}
