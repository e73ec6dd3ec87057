import { describe, expect, it } from 'vitest'
import { blank, pieces, take, type Said, type View } from './transcript'
import type { Happening } from './types'

function play(events: [string, Record<string, unknown>?][]): View {
  const view = blank()
  events.forEach(([kind, fields], seq) => take(view, { seq, at: seq * 100, kind, ...fields } as Happening))
  return view
}
const lines = (view: View) => view.items.filter((item): item is Said => item.kind === 'line')

describe('a live transcript', () => {
  it('grows an unfinished line and makes it final in its place, with the same identity', () => {
    const view = play([['answered'], ['partial', { text: '多少' }], ['partial', { text: '多少钱' }]])
    expect(lines(view)).toMatchObject([{ who: 'callee', text: '多少钱', partial: true }])
    const id = lines(view)[0]?.id
    take(view, { seq: 3, at: 400, kind: 'heard', text: '多少钱啊', confidence: 0.9, began: 250, ended: 380 })
    expect(lines(view)).toMatchObject([{ id, text: '多少钱啊', partial: false, at: 250, confidence: 0.9 }])
  })

  it('takes away words that came to nothing', () => {
    expect(lines(play([['partial', { text: '嗯' }], ['not_understood', { why: 'noise' }]]))).toEqual([])
  })

  it('puts a tag at the line that holds the words that earned it', () => {
    const view = play([
      ['heard', { text: '多少钱', confidence: 1, began: 0, ended: 1 }],
      ['heard', { text: '好吧', confidence: 1, began: 2, ended: 3 }],
      ['tag', { tag: '关心价格', evidence: '多少钱', score: 0.9 }],
    ])
    expect(lines(view).map((line) => line.tags.map((tag) => tag.tag))).toEqual([['关心价格'], []])
  })

  it('is the same after the stream tells everything again', () => {
    const view = play([['answered'], ['saying', { step: 'hello', text: 'Hello' }]])
    take(view, { seq: 0, at: 0, kind: 'answered' })
    take(view, { seq: 1, at: 100, kind: 'saying', step: 'hello', text: 'Hello' })
    expect(lines(view)).toHaveLength(1)
  })

  it('says who has the callee: robot, agent, supervisor, robot again', () => {
    const view = play([['answered'], ['agent_wanted', { reason: 'hot', skill: null }]])
    expect(view.state).toBe('waiting')
    take(view, { seq: 2, at: 3, kind: 'bridged', agent: 'lina' })
    expect([view.state, view.agent]).toEqual(['bridged', 'lina'])
    take(view, { seq: 3, at: 4, kind: 'taken_over', user: 3, by: 'Wang' })
    expect(view.taken).toBe('Wang')
    take(view, { seq: 4, at: 5, kind: 'handed_back', by: 'Wang', to: null })
    expect([view.state, view.agent, view.taken]).toEqual(['talking', null, null])
  })

  it('knows who watches, and how', () => {
    const view = play([['watching', { user: 3, name: 'Wang', mode: 'listen' }], ['watching', { user: 3, name: 'Wang', mode: 'barge' }]])
    expect(view.watchers).toEqual([{ user: 3, name: 'Wang', mode: 'barge' }])
    take(view, { seq: 2, at: 9, kind: 'watch_ended', user: 3, name: 'Wang', why: 'left' })
    expect(view.watchers).toEqual([])
  })
})

describe('the words that earned a tag', () => {
  it('are cut out of their line, where tags overlap as one piece', () => {
    const tags = [
      { tag: 'a', evidence: '周六上午', score: 1 },
      { tag: 'b', evidence: '上午几点', score: 1 },
    ]
    expect(pieces({ text: '那周六上午几点啊', tags })).toEqual([
      { text: '那', tags: [] },
      { text: '周六上午几点', tags: ['a', 'b'] },
      { text: '啊', tags: [] },
    ])
  })

  it('never lose or repeat a word of the line', () => {
    const tags = [{ tag: 'x', evidence: 'not there', score: 1 }]
    expect(pieces({ text: 'hello', tags }).map((piece) => piece.text).join('')).toBe('hello')
  })
})
