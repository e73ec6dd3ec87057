// Lists that are short enough to be fetched whole.

import { api, type Query } from '../../lib/api'
import type { Paged } from '../../lib/types'

/** All rows, whether the server sends a plain list or pages. */
export async function everything<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T[]> {
  const all: T[] = []
  let after: string | null = null
  for (let page = 0; page < 20; page++) {
    const answer: T[] | Paged<T> = await api.get<T[] | Paged<T>>(path, { limit: 200, ...query, after }, signal)
    if (Array.isArray(answer)) return answer
    all.push(...answer.items)
    after = answer.next
    if (after === null) break
  }
  return all
}
