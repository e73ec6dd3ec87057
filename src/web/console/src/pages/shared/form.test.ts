import { expect, it } from 'vitest'
import { ApiError } from '../../lib/api'
import { submit, words, type FieldErrors } from './form'

it('the words of the server stand at the field they are about', async () => {
  const errors: FieldErrors = { name: 'old' }
  const result = await submit(errors, ['name', 'dialplans'], () => Promise.reject(new ApiError(422, 'bad', 'no such dialplan', 'dialplans[1]')))
  expect(result).toBeNull()
  expect(errors).toEqual({ dialplans: 'no such dialplan' })
})
it('an answer that is nothing is still an answer', async () => {
  expect(await submit({}, [], () => Promise.resolve(undefined))).toEqual({ answer: undefined })
})
it('lists are typed with Chinese or Latin commas', () => {
  expect(words('sales，english, sales;  ')).toEqual(['sales', 'english'])
})
