// One call: an agent takes it in the browser, a supervisor takes part in every way, and the robot gets it back.

import { call } from '../lib/stage.mjs'
import { hearsJust, holds, SILENT_DB, SOUND_DB } from '../lib/report.mjs'
import { firstSound, level } from '../lib/heard.mjs'

export async function oneCall(world, { api, people }, report) {
  const { ann, sue } = people
  await ann.goReady()
  const live = await call(world, api, 1)
  const times = {}
  const stretches = []

  /** Everybody's ears for a while; what the callee heard then is known when the call is over. */
  const listen = async (mode, listeners, wanted) => {
    const from = Date.now() + 400
    const heard = await Promise.all(listeners.map(async (one) => [one.name, await one.hears()]))
    for (const [who, levels] of heard) report.heard(mode, who, levels)
    stretches.push({ mode, from, to: Date.now(), wanted })
    return Object.fromEntries(heard)
  }
  const happens = (kind, options) => live.events.until(kind, (event) => event.kind === kind, options)

  await report.check('an agent accepts in the browser and hears the callee', async (figures) => {
    const wanted = await happens('agent_wanted')
    const ringing = await happens('agent_ringing')
    times.offer = await ann.offered()
    times.click = await ann.accept()
    const answered = await happens('agent_answered')
    await happens('bridged')
    times.wanted = wanted.unix
    figures.wanted_to_ringing_ms = ringing.data.at - wanted.data.at
    figures.wanted_to_offer_painted_ms = times.offer.painted - wanted.unix
    figures.click_to_answered_ms = answered.unix - times.click
    const { ann: levels } = await listen('agent on the call', [ann], ['ann'])
    figures.callee_at_agent_db = levels.callee
    hearsJust(levels, ['callee'])
    holds(figures.wanted_to_ringing_ms <= 500, 'the agent rings more than 500 ms after the trigger')
  })

  await report.check('a supervisor listens with a live microphone and is heard by nobody', async (figures) => {
    await sue.open(live.page)
    await press(sue, 'l')
    await sue.line('hear')
    const heard = await listen('listen', [ann, sue], ['ann'])
    const counts = await sue.counts()
    Object.assign(figures, { supervisor_at_agent_db: heard.ann.sue, packets_sent: counts.sent, packets_received: counts.received, sdp: counts.offer, microphones_opened: counts.opened })
    hearsJust(heard.ann, ['callee'])
    hearsJust(heard.sue, ['callee', 'ann'])
    holds(counts.sent === 0 && !counts.microphone, 'the listener sends')
  })

  await report.check('even a page that sends its microphone while it listens is heard by nobody', async (figures) => {
    // Whispering opens the microphone; going back to listening over the API leaves it open.
    await press(sue, 'w')
    await sue.line('talk')
    await sue.page.evaluate(async (path) => {
      const { csrf } = await (await fetch('/api/v1/session')).json()
      await fetch(`/api/v1${path}/supervise`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }, body: '{"mode":"listen"}' })
    }, live.path)
    const before = await sue.counts()
    const heard = await listen('listen, microphone live', [ann, sue], ['ann'])
    const after = await sue.counts()
    Object.assign(figures, { packets_sent_meanwhile: after.sent - before.sent, supervisor_at_agent_db: heard.ann.sue })
    holds(after.sent > before.sent, 'the microphone is not live, so nothing is shown')
    hearsJust(heard.ann, ['callee'])
    await press(sue, 'l')
    await sue.line('hear')
  })

  await report.check('whispering, only the agent hears the supervisor', async (figures) => {
    await join(sue, live, 'whisper', 'w')
    const heard = await listen('whisper', [ann, sue], ['ann'])
    figures.supervisor_at_agent_db = heard.ann.sue
    hearsJust(heard.ann, ['callee', 'sue'])
    hearsJust(heard.sue, ['callee', 'ann'])
  })

  await report.check('barging in, both hear the supervisor', async (figures) => {
    await join(sue, live, 'barge', 'b')
    const heard = await listen('barge', [ann, sue], ['ann', 'sue'])
    figures.supervisor_at_agent_db = heard.ann.sue
    hearsJust(heard.ann, ['callee', 'sue'])
    hearsJust(heard.sue, ['callee', 'ann'])
  })

  await report.check('taking over, the supervisor has the callee and the agent is off', async () => {
    const from = live.events.told.length
    await press(sue, 't')
    await sue.page.locator('dialog[open] button', { hasText: 'Take over' }).click()
    await happens('taken_over', { from })
    await sue.line('talk')
    const heard = await listen('take over', [ann, sue], ['sue'])
    hearsJust(heard.sue, ['callee'])
  })

  const handBack = async () => {
    const from = live.events.told.length
    await sue.page.locator('.panel button', { hasText: 'Hand back' }).click()
    return happens('handed_back', { from })
  }
  await report.check('handed back, the agent has the callee again', async (figures) => {
    const back = await handBack()
    figures.to = back.data.to
    const heard = await listen('handed back to the agent', [ann], ['ann'])
    hearsJust(heard.ann, ['callee'])
  })

  await report.check('handed back once more, the robot is heard', async () => {
    const from = live.events.told.length
    await handBack()
    const saying = await happens('saying', { from })
    await happens('said', { from: live.events.told.indexOf(saying) })
    stretches.push({ mode: 'handed back to the robot', from: saying.unix + 300, to: Date.now(), wanted: [], robot: true })
  })

  await report.check('a typed line is spoken to the callee', async () => {
    const from = live.events.told.length
    const words = '<img src=x onerror=__xss=9> Thank you for waiting.'
    const field = sue.page.locator('form.steer input').first()
    await field.fill(words)
    await field.press('Enter')
    const saying = await live.events.until('the typed line', (event) => event.kind === 'saying' && event.text.includes('Thank you for waiting'), { from })
    await happens('said', { from: live.events.told.indexOf(saying) })
    stretches.push({ mode: 'typed line', from: saying.unix + 300, to: Date.now(), wanted: [], robot: true })
  })

  await api.post(`${live.path}/hang_up`, { reason: 'done' })
  await happens('ended')
  live.events.close()
  const callee = await world.heard(1)

  await report.check('what the callee heard meanwhile', async (figures) => {
    const wrong = []
    for (const { mode, from, to, wanted, robot } of stretches) {
      const levels = level(callee, from, to)
      report.heard(mode, 'callee', levels)
      try {
        hearsJust(levels, wanted)
        if (robot) holds(levels.rest > SOUND_DB, `the robot is not heard: ${levels.rest} dBFS`)
      } catch (why) {
        wrong.push(`${mode}: ${why.message}`)
      }
      if (mode.startsWith('listen')) figures[`supervisor_at_callee_${mode.includes('live') ? 'mic_live' : 'listen'}_db`] = levels.sue
    }
    const sound = firstSound(callee, 'ann', times.click)
    holds(sound, 'the agent is never heard')
    figures.click_to_first_sound_ms = sound - times.click
    figures.wanted_to_first_sound_ms = sound - times.wanted
    figures.silent_means_below_db = SILENT_DB
    holds(wrong.length === 0, wrong.join('; '))
  })
  return live
}

/** A key on the call page; the page must have its buttons first. */
async function press(person, key) {
  await person.page.locator('.panel button').first().waitFor()
  await person.page.locator('body').press(key)
}

async function join(person, live, mode, key) {
  const from = live.events.told.length
  await press(person, key)
  await live.events.until(mode, (event) => event.kind === 'watching' && event.mode === mode, { from })
  await person.line('talk')
}
