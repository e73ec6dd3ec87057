import { expect, it } from 'vitest'
import { choices, mapping, named, wrong } from './mapping'

const columns = [
  { name: '手机', samples: ['13800138000'], field: 'phone' },
  { name: '客户 姓名', samples: ['张三'], field: 'name' },
  { name: '上次购买', samples: ['苹果'], field: 'var:last_product' },
  { name: '备注', samples: [], field: 'ignore' },
]

it('the guesses of the server come back as they were', () => {
  const all = choices(columns)
  expect(mapping(all)).toEqual({ 手机: 'phone', '客户 姓名': 'name', 上次购买: 'var:last_product', 备注: 'ignore' })
  expect(wrong(all)).toEqual([])
})
it('what the person chose before wins over the guess', () => {
  expect(choices(columns, { 备注: 'var:note' })[3]).toMatchObject({ kind: 'var', variable: 'note' })
})
it('a list without a number column, or with two, is not sent', () => {
  const all = choices(columns)
  const none = all.map((one) => (one.kind === 'phone' ? { ...one, kind: 'ignore' as const } : one))
  expect(wrong(none)).toEqual([{ key: 'need_phone' }])
  const two = all.map((one) => (one.kind === 'name' ? { ...one, kind: 'phone' as const } : one))
  expect(wrong(two)).toEqual([{ key: 'twice', field: 'phone', a: '手机', b: '客户 姓名', row: 1 }])
})
it('a header becomes a usable variable name', () => {
  expect(named('上次 购买')).toBe('上次_购买')
  expect(named('1st order (USD)')).toBe('_1st_order_USD')
  expect(named(' ! ')).toBe('column')
})
