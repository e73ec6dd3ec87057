import tokensCss from './tokens.css?raw'
import { describe, expect, it } from 'vitest'

// WCAG 2.2: relative luminance and contrast ratio.
const channel = (x: number) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
const luminance = (hex: string) => [1, 3, 5].map((at) => channel(parseInt(hex.slice(at, at + 2), 16) / 255)).reduce((sum, value, n) => sum + value * [0.2126, 0.7152, 0.0722][n]!, 0)
const contrast = (a: string, b: string) => {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

const tokens = { light: {} as Record<string, string>, dark: {} as Record<string, string> }
for (const [, name, light, dark] of tokensCss.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)) {
  tokens.light[name!] = light!
  tokens.dark[name!] = dark!
}
for (const scheme of [tokens.light, tokens.dark]) scheme['on-bad'] = '#ffffff'

const GROUNDS = ['bg', 'surface', 'raised', 'sunk', 'hover']
const pairs: [string, string][] = [
  ...['text', 'text-2', 'text-3', 'accent-text', 'bad', 'warn', 'ok', 'info', 'human'].flatMap((text) => GROUNDS.map((ground) => [text, ground] as [string, string])),
  ...['ok', 'warn', 'bad', 'info', 'human', 'grade-a', 'grade-b', 'grade-c', 'grade-d', 'grade-e', 'grade-f'].map((name) => [name, `${name}-soft`] as [string, string]),
  ...['text', 'text-2', 'accent-text'].map((text) => [text, 'accent-soft'] as [string, string]),
  ...['text', 'text-2'].flatMap((text) => ['human-soft', 'warn-soft', 'bad-soft', 'info-soft'].map((ground) => [text, ground] as [string, string])),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['on-bad', 'bad-strong'],
]

describe.each(['light', 'dark'] as const)('the %s colours', (scheme) => {
  it.each(pairs)('have %s readable on %s (4.5:1)', (text, ground) => {
    expect(contrast(tokens[scheme][text]!, tokens[scheme][ground]!)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['surface', 'bg', 'raised'])('show the edges of inputs and the focus ring on %s (3:1)', (ground) => {
    for (const edge of ['field-line', 'focus']) expect(contrast(tokens[scheme][edge]!, tokens[scheme][ground]!)).toBeGreaterThanOrEqual(3)
  })
})
