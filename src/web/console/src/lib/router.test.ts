import { describe, expect, it } from 'vitest'
import { href, match, parse, type Route } from './router.svelte'

const page = (path: string): Route => ({ path, title: { zh: path, en: path }, may: [], load: () => Promise.reject(new Error('unused')) })
const routes = [page('/calls'), page('/calls/:call'), page('/campaigns/:campaign/leads')]

describe('an address', () => {
  it('finds its page and the parts it names', () => {
    expect(match(routes, '/calls')?.route.path).toBe('/calls')
    expect(match(routes, '/calls/01AB')?.params).toEqual({ call: '01AB' })
    expect(match(routes, '/campaigns/7/leads')?.params).toEqual({ campaign: '7' })
    expect(match(routes, '/nowhere')).toBeNull()
  })

  it('may hold what needs escaping, and broken escapes are taken as they are', () => {
    const to = href('/calls/:call', { call: 'a/b c' }, { tab: 'sip', empty: '' })
    expect(to).toBe('#/calls/a%2Fb%20c?tab=sip')
    expect(match(routes, parse(to).path)?.params).toEqual({ call: 'a/b c' })
    expect(parse(to).query.get('tab')).toBe('sip')
    expect(match(routes, '/calls/%zz')?.params).toEqual({ call: '%zz' })
  })
})
