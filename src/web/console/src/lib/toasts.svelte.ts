// Short words in the corner: what went well, what did not.

import { t } from '../i18n/common'
import { ApiError } from './api'

export type Toast = { id: number; tone: 'ok' | 'info' | 'warn' | 'bad'; text: string; detail?: string; action?: { text: string; run: () => void } }

const STAY_MS = { ok: 4_000, info: 6_000, warn: 9_000, bad: 12_000 }

class Toasts {
  all = $state.raw<Toast[]>([])
  #next = 1

  add(toast: Omit<Toast, 'id'>): number {
    const id = this.#next++
    this.all = [...this.all.filter((other) => other.text !== toast.text || other.detail !== toast.detail), { ...toast, id }].slice(-4)
    setTimeout(() => this.drop(id), STAY_MS[toast.tone])
    return id
  }

  drop(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id)
  }

  ok = (text: string) => this.add({ tone: 'ok', text })
  info = (text: string) => this.add({ tone: 'info', text })
  warn = (text: string) => this.add({ tone: 'warn', text })

  /** A failure, in the reader's language where we know it, with the server's words beneath. */
  fail = (why: unknown) => {
    const { title, detail } = explain(why)
    return this.add({ tone: 'bad', text: title, ...(detail ? { detail } : {}) })
  }
}

export const toasts = new Toasts()

const BY_STATUS: Record<number, () => string> = { 403: () => t('error_forbidden'), 404: () => t('error_not_found'), 413: () => t('error_too_big'), 429: () => t('error_too_many') }

/** What to tell a person about a failure. */
export function explain(why: unknown): { title: string; detail: string | null } {
  if (!(why instanceof ApiError)) return { title: t('error_other'), detail: why instanceof Error ? why.message : String(why) }
  const key = `error_${why.code}`
  const known = Object.hasOwn(t.words, key) ? t.maybe(key) : why.status >= 500 ? t('error_server') : (BY_STATUS[why.status]?.() ?? null)
  const detail = why.code === 'offline' ? null : why.message
  return known ? { title: known, detail } : { title: why.message, detail: null }
}

/** Runs an action; a failure becomes a toast and `undefined`. */
export async function attempt<T>(action: () => Promise<T>, done?: string): Promise<T | undefined> {
  try {
    const result = await action()
    if (done) toasts.ok(done)
    return result
  } catch (why) {
    if (!(why instanceof DOMException && why.name === 'AbortError')) toasts.fail(why)
    return undefined
  }
}
