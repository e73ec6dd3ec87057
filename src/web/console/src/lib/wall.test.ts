import { describe, expect, it } from 'vitest'
import { arrange, fits, type Filter } from './wall'
import type { Card } from './types'

const everything: Filter = { campaign: null, state: null, grades: [], lang: null, words: '' }
const card = (call: string, change: Partial<Card> = {}): Card => ({
  call, campaign: { id: 1, name: 'one' }, lead: { id: 1, row: 2, name: '王伟' }, phone: '138****8000', lang: 'zh', dialplan: 'd', state: 'talking', step: null,
  grade: null, grade_was: null, tags: [], last: null, alerts: [], agent: null, watchers: [], started_unix_ms: 1000, answered_unix_ms: null, rev: 1, ...change,
})

describe('the wall', () => {
  it('puts the call that wants an agent before a hot one, and that before the others', () => {
    const cards = [
      card('plain'),
      card('hot', { grade: 'A', alerts: [{ kind: 'hot', text: '', at_unix_ms: 5000 }] }),
      card('wanted', { state: 'waiting', alerts: [{ kind: 'agent_wanted', text: '', at_unix_ms: 5000 }] }),
    ]
    expect(arrange(cards, everything, 'hot', 5000)).toEqual(['wanted', 'hot', 'plain'])
  })

  it('lets an alert cool', () => {
    const old = card('old', { alerts: [{ kind: 'sensitive', text: '', at_unix_ms: 0 }] })
    const fresh = card('fresh', { alerts: [{ kind: 'no_match', text: '', at_unix_ms: 600_000 }] })
    expect(arrange([old, fresh], everything, 'hot', 600_000)).toEqual(['fresh', 'old'])
  })

  it('finds calls by words of name, number, talk and tags, all of them', () => {
    const one = card('one', { last: { who: 'callee', text: '多少钱啊', partial: false }, tags: ['关心价格'] })
    expect(fits(one, { ...everything, words: '王伟 多少钱' })).toBe(true)
    expect(fits(one, { ...everything, words: '8000' })).toBe(true)
    expect(fits(one, { ...everything, words: '王伟 投诉' })).toBe(false)
  })

  it('keeps equal calls in the order of their beginnings', () => {
    expect(arrange([card('b', { started_unix_ms: 2 }), card('a', { started_unix_ms: 3 }), card('c', { started_unix_ms: 1 })], everything, 'hot', 0)).toEqual(['c', 'b', 'a'])
  })
})
