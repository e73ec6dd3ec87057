/** Ends a request with the server's kind of error. */
export function refuse(status, code, message, field) {
  throw Object.assign(new Error(message), { status, code, field })
}

/** One page of a list, as `?limit&after` ask. */
export function page(all, query) {
  const from = Number(query.get('after') ?? 0)
  const limit = Number(query.get('limit') ?? 50)
  return { items: all.slice(from, from + limit), next: from + limit < all.length ? String(from + limit) : null }
}
