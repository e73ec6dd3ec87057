import { describe, expect, it } from 'vitest'
import { fill, type Words } from './index.svelte'
import type { Route } from '../lib/router.svelte'

const areas = import.meta.glob<Record<string, unknown>>(['./*.ts', '../**/i18n.ts', '!./*.test.ts', '!./index.svelte.ts'], { eager: true })
const routes = import.meta.glob<{ routes: Route[] }>('../pages/*/route.ts', { eager: true })
const holes = (text: string) => [...text.matchAll(/\{(\w+)/g)].map((found) => found[1]).sort()

describe('both languages', () => {
  for (const [file, exports] of Object.entries(areas)) {
    const translate = exports.t as { words?: Record<string, Words> } | undefined
    if (!translate?.words) continue
    it(`have every word of ${file}, with the same places to fill`, () => {
      for (const [key, words] of Object.entries(translate.words ?? {})) {
        expect(words.zh?.trim(), `${key} in Chinese`).toBeTruthy()
        expect(words.en?.trim(), `${key} in English`).toBeTruthy()
        expect([...new Set(holes(words.zh))], key).toEqual([...new Set(holes(words.en))])
      }
    })
  }

  it('have every page title', () => {
    for (const file of Object.values(routes)) {
      for (const route of file.routes) {
        expect(route.title.zh.trim(), route.path).toBeTruthy()
        expect(route.title.en.trim(), route.path).toBeTruthy()
      }
    }
  })

  it('choose singular and plural', () => {
    expect(fill('{n} {n|call|calls}', { n: 1 })).toBe('1 call')
    expect(fill('{n} {n|call|calls}', { n: 2 })).toBe('2 calls')
  })
})
