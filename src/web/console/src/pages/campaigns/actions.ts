// What may be done with a campaign in each of its states.

import type { CampaignState } from '../../lib/types'

export type Action = 'start' | 'pause' | 'resume' | 'stop'

export function actions(state: CampaignState): Action[] {
  switch (state) {
    case 'running':
      return ['pause', 'stop']
    case 'paused':
      return ['resume', 'stop']
    case 'stopped':
    case 'finished':
      return ['start']
  }
}

/** "a=1" by line, for one lead's variables; or the number of the line without "=". */
export function variables(text: string): { vars: Record<string, string> } | { line: number } {
  const vars: Record<string, string> = {}
  for (const [n, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (!line) continue
    const cut = line.search(/[=＝]/)
    if (cut < 1) return { line: n + 1 }
    vars[line.slice(0, cut).trim()] = line.slice(cut + 1).trim()
  }
  return { vars }
}
