// Every request to the server. Failures are ApiError with the server's own words.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** the input the server complains about */
    readonly field: string | null = null,
    readonly retryAfterMs: number | null = null,
    /** the whole answer, for routes that send more than the message */
    readonly body: unknown = null,
  ) {
    super(message)
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>

const BASE = '/api/v1'

/** What every request carries; the session sets it. */
const carried: { csrf: string | null; tenant: number | null; lost: () => void } = {
  csrf: null,
  tenant: null,
  lost: () => {},
}

export function carry(change: Partial<typeof carried>): void {
  Object.assign(carried, change)
}

function search(query?: Query): string {
  const pairs = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') pairs.set(key, String(value))
  }
  const text = pairs.toString()
  return text ? `?${text}` : ''
}

/** An address for what cannot send headers: links, `<audio>`, event streams. The tenant goes in the query. */
export function address(path: string, query?: Query): string {
  return BASE + path + search({ ...query, tenant: carried.tenant })
}

function headers(method: string): Headers {
  const all = new Headers({ Accept: 'application/json' })
  if (carried.tenant !== null) all.set('X-Tenant', String(carried.tenant))
  if (method !== 'GET' && carried.csrf) all.set('X-CSRF-Token', carried.csrf)
  return all
}

function failure(status: number, text: string, retryAfter: string | null): ApiError {
  let body: unknown = null
  try {
    body = JSON.parse(text)
  } catch {
    // A proxy in between answers in HTML: the status alone is told.
  }
  const said = (body as { error?: { code?: string; message?: string; field?: string } } | null)?.error
  const wait = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : null
  return new ApiError(status, said?.code ?? `http_${status}`, said?.message ?? `HTTP ${status}`, said?.field ?? null, wait, body)
}

async function send<T>(method: string, path: string, body?: unknown, query?: Query, signal?: AbortSignal): Promise<T> {
  const all = headers(method)
  if (body !== undefined && !(body instanceof FormData)) all.set('Content-Type', 'application/json')
  let answer: Response
  try {
    answer = await fetch(BASE + path + search(query), {
      method,
      headers: all,
      body: body === undefined ? null : body instanceof FormData ? body : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: signal ?? null,
    })
  } catch (why) {
    if (why instanceof DOMException && why.name === 'AbortError') throw why
    throw new ApiError(0, 'offline', String(why))
  }
  const text = await answer.text()
  if (!answer.ok) {
    const error = failure(answer.status, text, answer.headers.get('Retry-After'))
    if (error.status === 401 && path !== '/session') carried.lost()
    throw error
  }
  if (!text) return undefined as T
  return (answer.headers.get('Content-Type') ?? '').includes('json') ? (JSON.parse(text) as T) : (text as T)
}

/** Uploads with progress, 0…1; `fetch` cannot tell it. */
function upload<T>(path: string, form: FormData, progress?: (share: number) => void, signal?: AbortSignal): Promise<T> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest()
    request.open('POST', BASE + path)
    headers('POST').forEach((value, key) => request.setRequestHeader(key, value))
    request.upload.onprogress = (event) => event.lengthComputable && progress?.(event.loaded / event.total)
    request.onerror = () => fail(new ApiError(0, 'offline', 'the upload broke off'))
    request.onabort = () => fail(new DOMException('aborted', 'AbortError'))
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) done(JSON.parse(request.responseText || 'null') as T)
      else {
        if (request.status === 401) carried.lost()
        fail(failure(request.status, request.responseText, request.getResponseHeader('Retry-After')))
      }
    }
    signal?.addEventListener('abort', () => request.abort())
    request.send(form)
  })
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => send<T>('GET', path, undefined, query, signal),
  post: <T = void>(path: string, body: unknown = {}, query?: Query) => send<T>('POST', path, body, query),
  patch: <T = void>(path: string, body: unknown) => send<T>('PATCH', path, body),
  del: <T = void>(path: string, body?: unknown) => send<T>('DELETE', path, body),
  upload,
}
