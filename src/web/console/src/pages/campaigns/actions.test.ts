import { expect, it } from 'vitest'
import { actions, variables } from './actions'

it('a stopped campaign can be started, a running one paused or stopped', () => {
  expect(actions('stopped')).toEqual(['start'])
  expect(actions('running')).toEqual(['pause', 'stop'])
})
it('variables are typed as lines', () => {
  expect(variables('city=杭州\n\n level ＝ 金卡\nurl=a=b')).toEqual({ vars: { city: '杭州', level: '金卡', url: 'a=b' } })
  expect(variables('city=杭州\nlevel')).toEqual({ line: 2 })
})
