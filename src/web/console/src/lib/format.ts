// Times, durations, numbers, in the language of the page.

import { lang } from '../i18n/index.svelte'
import { t } from '../i18n/common'

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000

const locale = () => (lang.now === 'zh' ? 'zh-CN' : 'en-GB')

const made = new Map<string, Intl.DateTimeFormat>()
function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale() + JSON.stringify(options)
  let found = made.get(key)
  if (!found) made.set(key, (found = new Intl.DateTimeFormat(locale(), options)))
  return found
}

/** 14:05, 14:05:09 */
export function clock(at: number, seconds = false): string {
  return formatter({ hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}), hourCycle: 'h23' }).format(at)
}

/** "today 14:05", "yesterday 14:05", "3 Nov 14:05", with the year when it is another */
export function moment(at: number, now = Date.now()): string {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  if (at >= midnight && at < midnight + DAY) return `${t('today')} ${clock(at)}`
  if (at >= midnight - DAY && at < midnight) return `${t('yesterday')} ${clock(at)}`
  return `${day(at, now)} ${clock(at)}`
}

export function day(at: number, now = Date.now()): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return formatter({ day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) }).format(at)
}

export function full(at: number): string {
  return formatter({ dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' } as Intl.DateTimeFormatOptions).format(at)
}

/** "5 min ago", "in 2 h"; further away: the date */
export function relative(at: number, now = Date.now()): string {
  const past = now - at
  if (Math.abs(past) < 5_000) return t('now')
  if (past >= 0) {
    if (past < MINUTE) return t('second_ago', { n: Math.floor(past / 1000) })
    if (past < HOUR) return t('minute_ago', { n: Math.floor(past / MINUTE) })
    if (past < 12 * HOUR) return t('hour_ago', { n: Math.floor(past / HOUR) })
  } else if (past > -HOUR) return t('in_minutes', { n: Math.ceil(-past / MINUTE) })
  else if (past > -12 * HOUR) return t('in_hours', { n: Math.round(-past / HOUR) })
  return moment(at, now)
}

/** 0:07, 12:40, 1:02:03 */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const rest = `${Math.floor(seconds / 60) % 60}`.padStart(seconds >= 3600 ? 2 : 1, '0') + ':' + `${seconds % 60}`.padStart(2, '0')
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest
}

export const count = (n: number): string => n.toLocaleString(locale())

/** 0.1234 → 12.3 % */
export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)}%`

export function bytes(n: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  let at = 0
  while (n >= 1024 && at < units.length - 1) {
    n /= 1024
    at++
  }
  return `${at === 0 ? n : n.toFixed(n < 10 ? 1 : 0)} ${units[at]}`
}
