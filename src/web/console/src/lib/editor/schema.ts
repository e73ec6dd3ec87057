// What may be written at a place of a dialplan file, by its JSON Schema. Only the indentation above the place is read, so it
// works in a file that does not parse yet.

export type Schema = {
  $ref?: string
  description?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  required?: string[]
  $defs?: Record<string, Schema>
}
export type Hint = { label: string; detail: string; kind: 'key' | 'value' | 'name' }

const indentOf = (line: string) => line.length - line.trimStart().length
const KEY = /^(?:"([^"]+)"|'([^']+)'|([^\s#:{}[\],"'][^:#]*?))\s*:(?:\s|$)/

/** The keys around a line whose text begins at `indent`; `-` stands for an item of a list. */
export function pathAt(lines: readonly string[], row: number, indent: number): string[] {
  const path: string[] = []
  let depth = indent
  for (let at = row - 1; at >= 0 && depth > 0; at--) {
    const line = lines[at] ?? ''
    if (!line.trim() || line.trimStart().startsWith('#')) continue
    let column = indentOf(line)
    let rest = line.slice(column)
    const parts: { column: number; key: string }[] = []
    while (rest.startsWith('- ')) {
      parts.push({ column, key: '-' })
      const skip = rest.length - rest.slice(2).trimStart().length
      column += skip
      rest = rest.slice(skip)
    }
    const key = KEY.exec(rest)
    if (key) parts.push({ column, key: key[1] ?? key[2] ?? key[3] ?? '' })
    for (const part of parts.reverse()) {
      if (part.column >= depth) continue
      path.unshift(part.key)
      depth = part.column
    }
  }
  return path
}

/** All shapes a place may have: references followed, alternatives side by side. */
export function shapes(root: Schema, path: readonly string[]): Schema[] {
  let now = open(root, [root])
  for (const key of path) {
    const next: Schema[] = []
    for (const shape of now) {
      if (key === '-') {
        if (shape.items) next.push(shape.items)
      } else if (shape.properties && Object.hasOwn(shape.properties, key)) next.push(shape.properties[key] as Schema)
      else if (typeof shape.additionalProperties === 'object') next.push(shape.additionalProperties)
    }
    now = open(root, next)
  }
  return now
}

function open(root: Schema, some: Schema[]): Schema[] {
  const out: Schema[] = []
  const seen = new Set<Schema>()
  const walk = (shape: Schema) => {
    if (seen.has(shape) || out.length > 60) return
    seen.add(shape)
    if (shape.$ref) {
      const found = root.$defs?.[shape.$ref.replace('#/$defs/', '')]
      if (found) walk({ ...found, description: shape.description ?? found.description })
      return
    }
    out.push(shape)
    for (const other of [...(shape.anyOf ?? []), ...(shape.oneOf ?? [])]) walk(other)
  }
  some.forEach(walk)
  return out
}

/** What fits at a place: keys before a colon, values after one. */
export function hints(root: Schema, lines: readonly string[], row: number, before: string): { from: number; options: Hint[] } | null {
  let column = indentOf(before)
  let rest = before.slice(column)
  const own: string[] = []
  const base = pathAt(lines, row, column)
  while (rest.startsWith('- ')) {
    own.push('-')
    const skip = rest.length - rest.slice(2).trimStart().length
    column += skip
    rest = rest.slice(skip)
  }
  if (rest.startsWith('#')) return null
  const value = /^([\w-]+):\s+(["']?)([^\s#{[]*)$/.exec(rest)
  if (value) {
    const places = shapes(root, [...base, ...own, value[1] ?? ''])
    const options = values(places)
    if (STEP_KEYS.has(value[1] ?? '') || places.some((place) => place.properties?.goto)) options.push(...names(lines, 'steps', places[0]?.description))
    return { from: before.length - (value[3] ?? '').length, options: unique(options) }
  }
  if (/^[\w-]*$/.test(rest)) {
    const places = shapes(root, [...base, ...own])
    const options: Hint[] = places.flatMap((place) =>
      Object.entries(place.properties ?? {}).map(([label, shape]) => ({ label, detail: shape.description ?? describe(root, shape), kind: 'key' as const })),
    )
    if (base.at(-1) === 'on') options.push(...names(lines, 'intents'))
    if (own.length > 0) options.push(...values(places))
    return { from: before.length - rest.length, options: unique(options) }
  }
  return null
}

const STEP_KEYS = new Set(['goto', 'then', 'start', 'else'])
const describe = (root: Schema, shape: Schema) => open(root, [shape]).find((one) => one.description)?.description ?? ''
const values = (places: Schema[]): Hint[] => {
  const out: Hint[] = []
  for (const place of places) {
    for (const value of place.enum ?? []) if (typeof value === 'string') out.push({ label: value, detail: '', kind: 'value' })
    if ([place.type].flat().includes('boolean') && ![place.type].flat().includes('string')) out.push(...['true', 'false'].map((label) => ({ label, detail: '', kind: 'value' as const })))
  }
  return out
}
const unique = (all: Hint[]) => [...new Map(all.map((hint) => [hint.label, hint])).values()]

/** The names the file itself gives to its steps, intents or lead variables. */
export function names(lines: readonly string[], section: 'steps' | 'intents' | 'lead', detail = ''): Hint[] {
  const from = lines.findIndex((line) => line.startsWith(`${section}:`))
  if (from < 0) return []
  const out: Hint[] = []
  let depth = 0
  for (const line of lines.slice(from + 1)) {
    if (!line.trim() || line.trimStart().startsWith('#')) continue
    const indent = indentOf(line)
    if (indent === 0) break
    depth ||= indent
    const key = indent === depth ? KEY.exec(line.trimStart()) : null
    if (key) out.push({ label: key[3] ?? key[1] ?? key[2] ?? '', detail, kind: 'name' })
  }
  return out
}
