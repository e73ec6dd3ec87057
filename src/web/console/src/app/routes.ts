// All pages. Each folder of `pages/` says its own in `route.ts`; the pages themselves are fetched when first opened.

import type { NavGroup, Route } from '../lib/router.svelte'
import { session } from '../lib/session.svelte'

const found = import.meta.glob<{ routes: Route[] }>('../pages/*/route.ts', { eager: true })

export const routes: readonly Route[] = Object.values(found).flatMap((file) => file.routes)

const GROUPS: readonly NavGroup[] = ['floor', 'work', 'quality', 'admin']

/** The side bar's entries for whoever is logged in. */
export function menu(): { group: NavGroup; entries: Route[] }[] {
  return GROUPS.map((group) => ({
    group,
    entries: routes
      .filter((route) => route.nav?.group === group && session.mayAny(route.may))
      .sort((a, b) => (a.nav?.order ?? 0) - (b.nav?.order ?? 0)),
  })).filter(({ entries }) => entries.length > 0)
}

/** Where a person begins: agents at the desk, others at the first page they may open. */
export function home(): string {
  if (session.me?.user.role === 'agent') return '/desk'
  return menu()[0]?.entries[0]?.path ?? '/me'
}
