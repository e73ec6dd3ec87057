import { expect, it } from 'vitest'
import { hints, names, pathAt, type Schema } from './schema'

const schema: Schema = {
  type: 'object',
  properties: {
    lang: { enum: ['zh', 'en'], description: 'language' },
    steps: { type: 'object', additionalProperties: { $ref: '#/$defs/step' } },
  },
  $defs: {
    step: {
      properties: {
        say: { type: 'string', description: 'Said on entering.' },
        listen: { enum: ['open', 'yes_no'] },
        on: { type: 'object', additionalProperties: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/action' }] } },
        branch: { type: 'array', items: { $ref: '#/$defs/action' } },
      },
    },
    action: { properties: { goto: { type: 'string' }, tag: { type: 'string' } } },
  },
}
const text = `lang: zh
intents:
  interested:
    examples: [好]
steps:
  # first
  greet:
    say: 您好
    on:
      affirm: opening
    branch:
      - tag: x
        
  opening:
    say: 再见
`
const lines = text.split('\n')
const labels = (row: number, before: string) => hints(schema, lines, row, before)?.options.map((hint) => hint.label)

it('knows where in the file a line stands', () => {
  expect(pathAt(lines, 9, 6)).toEqual(['steps', 'greet', 'on'])
  expect(pathAt(lines, 12, 8)).toEqual(['steps', 'greet', 'branch', '-'])
  expect(pathAt(lines, 13, 2)).toEqual(['steps'])
})
it('offers the keys of a step', () => {
  expect(labels(9, '    ')).toEqual(['say', 'listen', 'on', 'branch'])
})
it('offers the values of a key', () => {
  expect(labels(8, '    listen: y')).toEqual(['open', 'yes_no'])
  expect(labels(0, 'lang: ')).toEqual(['zh', 'en'])
})
it('offers the intents of the file under on, and its steps as a target', () => {
  expect(labels(9, '      ')).toEqual(['interested'])
  expect(labels(9, '      affirm: o')).toEqual(['greet', 'opening'])
  expect(names(lines, 'steps').map((hint) => hint.label)).toEqual(['greet', 'opening'])
})
it('offers keys inside a list item', () => {
  expect(labels(12, '        ')).toEqual(['goto', 'tag'])
  expect(labels(11, '      - ')).toEqual(['goto', 'tag'])
})
it('says nothing in comments', () => {
  expect(hints(schema, lines, 5, '  # fi')).toBeNull()
})
