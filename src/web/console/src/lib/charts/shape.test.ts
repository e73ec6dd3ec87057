import { describe, expect, it } from 'vitest'
import { biggest, funnel, hours, pace } from './shape'

const at = (slot: number) => slot * 300_000

describe('the pace of a campaign', () => {
  it('shows quiet stretches as zero', () => {
    const drawn = pace([{ unix_ms: at(100), dialed: 9, connected: 4 }, { unix_ms: at(103), dialed: 2, connected: 1 }], at(105))
    expect(drawn.dialed).toEqual([0, 9, 0, 0, 2, 0])
    expect(drawn.times[1]).toBe(at(100) / 1000)
  })
  it('never shows more than a day', () => {
    expect(pace([{ unix_ms: at(1), dialed: 1, connected: 0 }], at(1000)).times).toHaveLength(288)
  })
  it('is drawn for a campaign that has dialled nothing', () => {
    expect(pace([], at(50)).dialed).toEqual([0, 0])
  })
})

describe('the funnel', () => {
  it('tells the share of the callees who reached a step and who were lost in it', () => {
    const [first, second] = funnel([
      { step: 'greet', name: null, entered: 200, left: 50 },
      { step: 'ask', name: null, entered: 100, left: 100 },
    ])
    expect(first).toMatchObject({ share: 1, lost: 0.25 })
    expect(second).toMatchObject({ share: 0.5, lost: 1 })
  })
})

describe('the best hours', () => {
  it('are those that answer most, not those dialled once', () => {
    const all = hours([
      { hour: 10, dialed: 100, connected: 60 },
      { hour: 11, dialed: 100, connected: 30 },
      { hour: 23, dialed: 1, connected: 1 },
    ])
    expect(all.filter((hour) => hour.best).map((hour) => hour.hour)).toEqual([10, 11])
    expect(all).toHaveLength(24)
  })
})

it('small bars are summed up in one', () => {
  const bars = ['a', 'b', 'c', 'd'].map((key, n) => ({ key, label: key, value: n + 1 }))
  expect(biggest(bars, 2, 'rest').map((bar) => [bar.label, bar.value])).toEqual([['d', 4], ['c', 3], ['rest', 3]])
})
