import { afterEach, expect, it, vi } from 'vitest'
import { Rehearsal } from './rehearsal.svelte'

const turns: Record<string, unknown>[] = []
function server(answers: object[]) {
  vi.stubGlobal('fetch', async (_: string, request: { method: string; body: string | null }) => {
    if (request.body) turns.push(JSON.parse(request.body))
    const answer = request.method === 'DELETE' ? undefined : answers.shift()
    if (answer instanceof Error) throw answer
    return new Response(answer === undefined ? '' : JSON.stringify(answer), { headers: { 'Content-Type': 'application/json' } })
  })
}
afterEach(() => {
  vi.unstubAllGlobals()
  turns.length = 0
})
const say = (text: string) => ({ kind: 'say', text })
const step = (text: string) => ({ kind: 'step', text })
const facts = { ended: false, slots: {}, tags: [], grade: null }

it('the way through the dialplan is remembered', async () => {
  server([
    { rehearsal: 'r1', out: [step('greet'), say('您好')] },
    { ...facts, out: [step('offer'), say('有券')], step: 'offer', grade: 'B', tags: ['interested'] },
  ])
  const rehearsal = new Rehearsal()
  await rehearsal.begin({ name: 'x', lead: {} })
  await rehearsal.turn({ heard: '好' }, null)
  expect(rehearsal.path).toEqual(['greet', 'offer'])
  expect(rehearsal.grade).toBe('B')
  expect(rehearsal.items.filter((item) => item.who !== 'note').map((item) => item.text)).toEqual(['您好', '好', '有券'])
})

it('an answer that is taken back leaves no trace', async () => {
  server([
    { rehearsal: 'r1', out: [step('greet'), say('您好')] },
    { ...facts, out: [say('再见')], ended: true, step: 'bye', tags: ['refused'] },
    { ...facts, out: [say('您好')], step: 'greet' },
  ])
  const rehearsal = new Rehearsal()
  await rehearsal.begin({ name: 'x', lead: {} })
  await rehearsal.turn({ heard: '不要' }, null)
  expect(rehearsal.ended).toBe(true)
  await rehearsal.turn({ back: true }, null)
  expect(rehearsal.ended).toBe(false)
  expect(rehearsal.items.map((item) => item.text)).toEqual(['greet', '您好'])
  expect(rehearsal.tags).toEqual([])
  expect(rehearsal.canGoBack).toBe(false)
})

it('words that could not be sent can be typed again', async () => {
  server([{ rehearsal: 'r1', out: [say('您好')] }, new TypeError('network')])
  const rehearsal = new Rehearsal()
  await rehearsal.begin({ name: 'x', lead: {} })
  await expect(rehearsal.turn({ heard: '好' }, null)).rejects.toThrow()
  expect(rehearsal.items.map((item) => item.text)).toEqual(['您好'])
  expect(rehearsal.busy).toBe(false)
})
