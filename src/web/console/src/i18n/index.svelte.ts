// The two product languages. Every area keeps its words in a file beside this one: `export const t = area({ … })`.

import type { Lang } from '../lib/types'

export type Words = Record<Lang, string>
export type Params = Record<string, string | number>

const KEY = 'callsmith.lang'

function first(): Lang {
  const kept = localStorage.getItem(KEY)
  if (kept === 'zh' || kept === 'en') return kept
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

class Language {
  now = $state<Lang>(first())

  set(lang: Lang): void {
    this.now = lang
    localStorage.setItem(KEY, lang)
    this.show()
  }

  show(): void {
    document.documentElement.lang = this.now === 'zh' ? 'zh-CN' : 'en'
  }
}

export const lang = new Language()

/** `{name}` is filled in; `{n|call|calls}` chooses by whether n is 1. */
export function fill(text: string, params?: Params): string {
  if (!params) return text
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = params[name]
    if (value === undefined) return whole
    if (one !== undefined) return Number(value) === 1 ? one : (many ?? '')
    return typeof value === 'number' ? value.toLocaleString(lang.now === 'zh' ? 'zh-CN' : 'en') : value
  })
}

export type Translate<K extends string> = ((key: K, params?: Params) => string) & {
  /** for keys that come from the server: what is unknown is shown as it is */
  maybe: (key: string | null | undefined) => string
  words: Record<K, Words>
}

export function area<K extends string>(words: Record<K, Words>): Translate<K> {
  const t = (key: K, params?: Params) => fill(words[key][lang.now], params)
  return Object.assign(t, {
    maybe: (key: string | null | undefined) => (key && Object.hasOwn(words, key) ? words[key as K][lang.now] : (key ?? '')),
    words,
  })
}

/** One pair of words (titles of routes). */
export function say(words: Words): string {
  return words[lang.now]
}
