// The numbers of a campaign, made ready to be drawn.

import type { CampaignStats } from '../types'

const FIVE_MINUTES = 300_000

export type Pace = { times: number[]; dialed: number[]; connected: number[] }

/** Five-minute counts without holes, as uPlot wants them (seconds); quiet stretches count zero, and leading silence is cut. */
export function pace(rows: CampaignStats['pace'], now: number): Pace {
  const found = new Map(rows.map((row) => [Math.floor(row.unix_ms / FIVE_MINUTES), row]))
  // The slot that is still running would look like a fall.
  const last = Math.max(Math.floor(now / FIVE_MINUTES) - 1, ...[...found.keys()].filter((slot) => slot * FIVE_MINUTES < now - FIVE_MINUTES))
  const first = Math.max(last - 287, Math.min(...found.keys(), last) - 1)
  const out: Pace = { times: [], dialed: [], connected: [] }
  for (let slot = first; slot <= last; slot++) {
    const row = found.get(slot)
    out.times.push((slot * FIVE_MINUTES) / 1000)
    out.dialed.push(row?.dialed ?? 0)
    out.connected.push(row?.connected ?? 0)
  }
  return out
}

export type FunnelRow = {
  step: string
  name: string | null
  entered: number
  left: number
  /** of those who entered the busiest step */
  share: number
  /** of those who entered this step, how many the call ended for */
  lost: number
}

export function funnel(rows: CampaignStats['funnel']): FunnelRow[] {
  const most = Math.max(1, ...rows.map((row) => row.entered))
  return rows.map((row) => ({ ...row, share: row.entered / most, lost: row.entered > 0 ? row.left / row.entered : 0 }))
}

export type Hour = { hour: number; dialed: number; connected: number; rate: number | null; best: boolean }

/** All 24 hours; `best` marks the up to three hours that answer most, among those dialled often enough to tell. */
export function hours(rows: CampaignStats['hours']): Hour[] {
  const total = rows.reduce((sum, row) => sum + row.dialed, 0)
  const enough = Math.max(10, total / 50)
  const all: Hour[] = Array.from({ length: 24 }, (_, hour) => {
    const row = rows.find((one) => one.hour === hour)
    const dialed = row?.dialed ?? 0
    const connected = row?.connected ?? 0
    return { hour, dialed, connected, rate: dialed > 0 ? connected / dialed : null, best: false }
  })
  const told = all.filter((hour) => hour.dialed >= enough && hour.connected > 0)
  told.sort((one, other) => (other.rate ?? 0) - (one.rate ?? 0))
  for (const hour of told.slice(0, 3)) hour.best = true
  return all
}

export type Bar = { key: string; label: string; value: number; tone?: Tone; hint?: string }
export type Tone = 'accent' | 'ok' | 'warn' | 'bad' | 'info' | 'human' | 'neutral' | 'grade-a' | 'grade-b' | 'grade-c' | 'grade-d' | 'grade-e' | 'grade-f'

/** The biggest first; what is left over is summed up in one bar. */
export function biggest(bars: Bar[], keep: number, rest: string): Bar[] {
  const sorted = bars.filter((bar) => bar.value > 0).sort((one, other) => other.value - one.value)
  if (sorted.length <= keep + 1) return sorted
  const left = sorted.slice(keep).reduce((sum, bar) => sum + bar.value, 0)
  return [...sorted.slice(0, keep), { key: '', label: rest, value: left, tone: 'neutral' }]
}
