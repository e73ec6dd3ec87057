// The text somebody is changing. It survives a reload and a walk to another page, until it is published or discarded.

import { api, ApiError } from '../../lib/api'
import type { Dialplan, Finding, Graph } from '../../lib/types'

const PAUSE_MS = 600
/** `file` when it is not the dialplan itself */
export type Found = Finding & { file?: string | null }
type Checked = { findings: Found[]; graph: Graph | null }

export class Draft {
  text = $state('')
  base = $state('')
  /** included files that were changed: path → text */
  files = $state.raw<Record<string, string>>({})
  findings = $state.raw<Found[]>([])
  /** the flow of the text as it stands; of an earlier text while it does not parse */
  graph = $state.raw<Graph | null>(null)
  /** the graph is of an earlier text */
  stale = $state(false)
  checking = $state(false)
  trouble = $state.raw<ApiError | null>(null)
  changed = $derived(this.text !== this.base || Object.keys(this.files).length > 0)
  errors = $derived(this.findings.filter((one) => one.severity === 'error').length)
  warnings = $derived(this.findings.length - this.errors)
  #timer: ReturnType<typeof setTimeout> | undefined
  #turn = 0
  #checked: string | null = null
  /** the published text has come; before that nothing may be kept or forgotten */
  #taken = false

  constructor(readonly name: string) {}

  get #key(): string {
    return `callsmith.draft.${this.name}`
  }

  /** The published text came (again); a kept draft is taken up. */
  take(plan: Pick<Dialplan, 'text'>): void {
    const untouched = !this.changed
    this.base = plan.text
    this.#taken = true
    if (!untouched) return
    const kept = JSON.parse(sessionStorage.getItem(`${this.#key}.files`) ?? '{}') as Record<string, string>
    this.files = kept
    this.text = sessionStorage.getItem(this.#key) ?? plan.text
    this.watch()
  }

  /** Called when the text changed: keeps it, and checks it after a pause in typing. */
  watch(): void {
    if (!this.#taken) return
    if (this.changed) {
      sessionStorage.setItem(this.#key, this.text)
      sessionStorage.setItem(`${this.#key}.files`, JSON.stringify(this.files))
    } else this.#forget()
    clearTimeout(this.#timer)
    if (this.#whole() === this.#checked) return
    this.#timer = setTimeout(() => void this.check(), this.#checked === null ? 0 : PAUSE_MS)
  }

  async check(): Promise<void> {
    clearTimeout(this.#timer)
    const turn = ++this.#turn
    const whole = this.#whole()
    this.checking = true
    try {
      const said = await api.post<Checked>('/dialplans/check', { text: this.text, name: this.name, ...this.#sent() })
      if (turn !== this.#turn) return
      this.#checked = whole
      this.take_checked(said)
      this.trouble = null
    } catch (why) {
      if (turn === this.#turn && why instanceof ApiError) this.trouble = why
    } finally {
      if (turn === this.#turn) this.checking = false
    }
  }

  take_checked(said: Checked): void {
    this.findings = [...said.findings].sort((a, b) => a.line - b.line || a.column - b.column)
    this.stale = said.graph === null
    if (said.graph) this.graph = said.graph
  }

  /** Publishes; the new version, or null when the checker refuses (its findings are shown). */
  async publish(note: string): Promise<number | null> {
    const text = this.text
    try {
      const { version } = await api.post<{ version: number }>(`/dialplans/${encodeURIComponent(this.name)}/publish`, { text, note, ...this.#sent() })
      this.base = text
      this.files = {}
      this.#forget()
      return version
    } catch (why) {
      const body = why instanceof ApiError ? (why.body as { findings?: Finding[]; error?: { detail?: { findings?: Finding[] } } } | null) : null
      const findings = body?.findings ?? body?.error?.detail?.findings
      if (!findings) throw why
      this.findings = findings
      return null
    }
  }

  /** An included file is changed; the published text takes the change back. */
  change(path: string, text: string, published: string): void {
    const { [path]: _, ...others } = this.files
    this.files = text === published ? others : { ...others, [path]: text }
  }

  get changedFiles(): { path: string; text: string }[] {
    return Object.entries(this.files).map(([path, text]) => ({ path, text }))
  }

  #sent(): { files?: { path: string; text: string }[] } {
    return this.changedFiles.length > 0 ? { files: this.changedFiles } : {}
  }
  #whole(): string {
    return JSON.stringify([this.text, this.files])
  }
  #forget(): void {
    sessionStorage.removeItem(this.#key)
    sessionStorage.removeItem(`${this.#key}.files`)
  }

  discard(): void {
    this.files = {}
    this.text = this.base
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#turn++
  }
}

/** Where a step begins in the text, line from 1; null when it is in an included file. */
export function lineOf(text: string, step: string): number | null {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => /^steps:\s*(#.*)?$/.test(line))
  if (from < 0) return null
  const wanted = new RegExp(`^\\s+["']?${step.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}["']?\\s*:`)
  for (let at = from + 1; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (/^\S/.test(line) && !line.startsWith('#')) return null
    if (wanted.test(line)) return at + 1
  }
  return null
}

/** Counts of calls (they belong to the published version) put onto the flow of a draft. */
export function counted(flow: Graph, published: Graph): Graph {
  const known = new Map(published.nodes.map((node) => [node.id, node]))
  return {
    edges: flow.edges,
    nodes: flow.nodes.map((node) => {
      const had = known.get(node.id)
      return had ? { ...node, live: had.live, entered: had.entered, left: had.left } : node
    }),
  }
}
