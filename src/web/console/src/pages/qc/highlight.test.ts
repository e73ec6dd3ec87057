import { expect, it } from 'vitest'
import { highlight, urgent } from './highlight'

it('the words of a search are marked where they stand', () => {
  expect(highlight('我要投诉，马上投诉', '投诉')).toEqual([
    { text: '我要', hit: false },
    { text: '投诉', hit: true },
    { text: '，马上', hit: false },
    { text: '投诉', hit: true },
  ])
  expect(highlight('Call the Police', 'police call').filter((part) => part.hit).map((part) => part.text)).toEqual(['Call', 'Police'])
})
it('signs of a pattern are only signs', () => {
  expect(highlight('100% (sure)', '(sure)').at(-1)).toEqual({ text: '(sure)', hit: true })
})
it('calls handed to a human are reviewed first', () => {
  const call = (grade: string | null, agent: string | null) => ({ grade, agent, talk_ms: 0 })
  expect(urgent([call('C', null), call('A', null), call('D', '李娜')]).map((one) => one.grade)).toEqual(['D', 'A', 'C'])
})
