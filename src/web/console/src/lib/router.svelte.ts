// Pages by the address after `#`: "#/calls/01ABC?tab=sip".

import type { Component } from 'svelte'
import type { IconName } from '../ui/icons'
import type { Permission } from './may'

export type Words = { zh: string; en: string }
export type NavGroup = 'floor' | 'work' | 'quality' | 'admin'
export type Route = {
  /** "/calls/:call"; parts with a colon become the page's properties */
  path: string
  title: Words
  /** any one of these is enough; empty: everyone logged in */
  may: readonly Permission[]
  load: () => Promise<{ default: Component<any> }>
  /** an entry in the side bar; lower numbers stand higher */
  nav?: { group: NavGroup; order: number; icon: IconName; label?: Words }
}

export type Match = { route: Route; params: Record<string, string> }

export function parse(hash: string): { path: string; query: URLSearchParams } {
  const text = hash.replace(/^#/, '') || '/'
  const cut = text.indexOf('?')
  const path = cut < 0 ? text : text.slice(0, cut)
  return { path: path.length > 1 ? path.replace(/\/+$/, '') : path, query: new URLSearchParams(cut < 0 ? '' : text.slice(cut + 1)) }
}

export function match(routes: readonly Route[], path: string): Match | null {
  const parts = path.split('/').filter(Boolean)
  for (const route of routes) {
    const wanted = route.path.split('/').filter(Boolean)
    if (wanted.length !== parts.length) continue
    const params: Record<string, string> = {}
    const fits = wanted.every((want, at) => {
      const have = decode(parts[at] ?? '')
      if (want.startsWith(':')) params[want.slice(1)] = have
      return want.startsWith(':') || want === have
    })
    if (fits) return { route, params }
  }
  return null
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** "#/calls/01AB%2F" from "/calls/:call": for `href`. Empty query values are left out. */
export function href(path: string, params: Record<string, string | number> = {}, query: Record<string, string | number | null | undefined> = {}): string {
  const filled = path.replace(/:([a-z_]+)/g, (_, name: string) => encodeURIComponent(String(params[name] ?? '')))
  const pairs = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== null && value !== undefined && value !== '') pairs.set(key, String(value))
  const text = pairs.toString()
  return `#${filled}${text ? `?${text}` : ''}`
}

class Router {
  hash = $state(location.hash)
  at = $derived(parse(this.hash))

  constructor() {
    addEventListener('hashchange', () => (this.hash = location.hash))
  }

  get path(): string {
    return this.at.path
  }
  get query(): URLSearchParams {
    return this.at.query
  }

  go(to: string): void {
    location.hash = to.replace(/^#/, '')
    this.hash = location.hash
  }

  /** The same page with other query values, without a step in the history (filters, tabs). */
  amend(query: Record<string, string | number | null | undefined>): void {
    const next = new URLSearchParams(this.query)
    for (const [key, value] of Object.entries(query)) {
      if (value === null || value === undefined || value === '') next.delete(key)
      else next.set(key, String(value))
    }
    const text = next.toString()
    history.replaceState(null, '', `#${this.path}${text ? `?${text}` : ''}`)
    this.hash = location.hash
  }
}

export const router = new Router()
