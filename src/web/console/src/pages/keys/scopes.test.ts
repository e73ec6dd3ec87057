import { expect, it } from 'vitest'
import { allowed, grouped } from './scopes'

it('a role is offered only what it may do itself', () => {
  const roles = allowed({
    paths: {
      '/api/v1/campaigns': { get: { 'x-permission': 'campaigns.view', 'x-roles': ['admin', 'ops'] }, parameters: [] },
      '/api/v1/session': { get: { 'x-permission': 'account', 'x-roles': ['admin'] } },
    },
  })
  expect([...roles.keys()]).toEqual(['campaigns.view'])
  expect(roles.get('campaigns.view')?.has('agent')).toBe(false)
})
it('scopes stand together by their subject', () => {
  expect(grouped(['calls.listen', 'dnc.view', 'calls.view'])).toEqual([
    ['calls', ['calls.listen', 'calls.view']],
    ['dnc', ['dnc.view']],
  ])
})
