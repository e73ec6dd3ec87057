import { afterEach, describe, expect, it, vi } from 'vitest'
import { address, api, ApiError, carry } from './api'

function server(status: number, body: unknown, headers: Record<string, string> = {}) {
  const calls: { url: string; init: RequestInit }[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    calls.push({ url, init })
    return new Response(body === undefined ? '' : JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } })
  })
  return calls
}

afterEach(() => {
  vi.unstubAllGlobals()
  carry({ csrf: null, tenant: null, lost: () => {} })
})

describe('a request', () => {
  it('carries the CSRF token when it changes something, and the tenant one acts for', async () => {
    const calls = server(200, {})
    carry({ csrf: 'token', tenant: 7 })
    await api.get('/calls', { q: '多少 钱', empty: '', none: null })
    await api.post('/campaigns/1/start')
    const [read, write] = calls.map((call) => ({ url: call.url, headers: call.init.headers as Headers }))
    expect(read?.url).toBe(`/api/v1/calls?${new URLSearchParams({ q: '多少 钱' })}`)
    expect(read?.headers.get('X-CSRF-Token')).toBeNull()
    expect(write?.headers.get('X-CSRF-Token')).toBe('token')
    expect(write?.headers.get('X-Tenant')).toBe('7')
  })

  it('fails with the words, the field and the wait the server names', async () => {
    server(429, { error: { code: 'too_many', message: 'wait', field: 'name' } }, { 'Retry-After': '12' })
    await expect(api.post('/session', {})).rejects.toMatchObject({ status: 429, code: 'too_many', message: 'wait', field: 'name', retryAfterMs: 12_000 })
  })

  it('tells that the session is lost, but not when it asks who is logged in', async () => {
    const lost = vi.fn()
    carry({ lost })
    server(401, { error: { code: 'login', message: 'log in' } })
    await expect(api.get('/session')).rejects.toBeInstanceOf(ApiError)
    expect(lost).not.toHaveBeenCalled()
    await expect(api.get('/calls')).rejects.toBeInstanceOf(ApiError)
    expect(lost).toHaveBeenCalledOnce()
  })

  it('says offline when no server answers, and survives a proxy that answers in HTML', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')))
    await expect(api.get('/calls')).rejects.toMatchObject({ code: 'offline' })
    vi.stubGlobal('fetch', async () => new Response('<html>', { status: 502 }))
    await expect(api.get('/calls')).rejects.toMatchObject({ status: 502, code: 'http_502' })
  })

  it('puts the tenant into addresses that cannot send headers', () => {
    carry({ tenant: 3 })
    expect(address('/calls/a/recording.wav')).toBe('/api/v1/calls/a/recording.wav?tenant=3')
  })
})
