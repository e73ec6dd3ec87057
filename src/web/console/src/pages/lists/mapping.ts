// Which column of a list becomes what.

import type { ListFile } from '../../lib/types'

export type Kind = 'phone' | 'name' | 'lang' | 'tz' | 'var' | 'ignore'
/** One row of the mapping form. */
export type Choice = { column: string; samples: string[]; kind: Kind; variable: string }
export type Wrong = { key: 'need_phone' } | { key: 'twice'; field: string; a: string; b: string; row: number } | { key: 'var_bad'; row: number }

const KINDS: readonly string[] = ['phone', 'name', 'lang', 'tz', 'ignore']

/** The server's guesses as choices. `mapping` (kept from before) wins. */
export function choices(columns: ListFile['columns'], mapping: Record<string, string> = {}): Choice[] {
  return columns.map((column) => {
    const field = mapping[column.name] ?? column.field
    const kind = field.startsWith('var:') ? 'var' : ((KINDS.includes(field) ? field : 'ignore') as Kind)
    return { column: column.name, samples: column.samples, kind, variable: field.startsWith('var:') ? field.slice(4) : named(column.name) }
  })
}

/** A header made fit to be a variable's name: "上次 购买" → "上次_购买", "1st" → "_1st". */
export function named(header: string): string {
  const name = header.trim().replace(/[^\p{L}\p{N}_]+/gu, '_').replace(/^_+|_+$/g, '')
  return /^\p{N}/u.test(name) ? `_${name}` : name || 'column'
}

/** What the server is sent. */
export function mapping(all: readonly Choice[]): Record<string, string> {
  return Object.fromEntries(all.map((one) => [one.column, one.kind === 'var' ? `var:${one.variable.trim()}` : one.kind]))
}

/** What must be put right first. */
export function wrong(all: readonly Choice[]): Wrong[] {
  const out: Wrong[] = []
  if (!all.some((one) => one.kind === 'phone')) out.push({ key: 'need_phone' })
  const had = new Map<string, string>()
  for (const [row, one] of all.entries()) {
    if (one.kind === 'ignore') continue
    if (one.kind === 'var' && !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(one.variable.trim())) out.push({ key: 'var_bad', row })
    const field = one.kind === 'var' ? one.variable.trim() : one.kind
    const before = had.get(field)
    if (before !== undefined) out.push({ key: 'twice', field, a: before, b: one.column, row })
    else had.set(field, one.column)
  }
  return out
}
