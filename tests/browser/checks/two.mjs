// Another call: two agents accept at the same moment, then the browser of the one who got it is killed.

import { firstSound, gap } from '../lib/heard.mjs'
import { hearsJust, holds } from '../lib/report.mjs'
import { call, mark } from '../lib/stage.mjs'

export async function raceAndKill(world, { api, people }, report, afterACall) {
  const { ann, bob } = people
  await Promise.all([afterACall ? ann.settle(mark()) : ann.goReady(), bob.goReady()])
  const live = await call(world, api, 2)
  const happens = (kind, options) => live.events.until(kind, (event) => event.kind === kind, options)
  let winner
  let loser

  await report.check('of two agents who accept at once one has the call and the other is told who', async (figures) => {
    await happens('agent_wanted')
    await Promise.all([ann, bob].map((one) => one.offered()))
    for (const one of [ann, bob]) one.accepts.length = 0
    const at = Date.now() + 300
    const clicks = await Promise.all([ann, bob].map((one) => one.accept(at)))
    figures.clicks_apart_ms = Math.abs(clicks[0] - clicks[1])
    const answered = await happens('agent_answered')
    ;[winner, loser] = answered.data.agent === 'ann' ? [ann, bob] : [bob, ann]
    // The words go by themselves after some seconds: read before anything else is waited for.
    const told = await loser.page.getByText(`${winner.display} took it`, { exact: true }).first().textContent().catch((why) => {
      throw new Error(`${loser.name} was refused ${loser.refused.join(', ')} and reads ${why.message.split('\n')[0]}`)
    })
    await happens('bridged')
    await loser.page.waitForFunction(() => !document.querySelector('[data-offer]') && document.querySelector('section[data-presence=ready]'))
    Object.assign(figures, { winner: winner.name, answers: [...ann.accepts, ...bob.accepts].sort(), loser_reads: told.trim() })
    holds(winner.accepts.join() === '200' && loser.accepts.join() === '409', `the answers were ${ann.accepts} and ${bob.accepts}`)
    const only = live.events.told.filter((one) => one.data.kind === 'agent_answered').length
    holds(only === 1, `${only} agents answered`)
    hearsJust(await winner.hears(), ['callee'])
  })

  let killed
  let again
  let clicked
  await report.check('an agent’s browser is killed and the call is offered again', async (figures) => {
    holds(winner, 'nobody has the call')
    const from = live.events.told.length
    killed = Date.now()
    figures.processes_killed = await winner.kill()
    const lost = await happens('line_lost', { from })
    const resumed = await happens('resumed', { from })
    const wanted = await happens('agent_wanted', { from })
    again = await loser.offered(killed)
    Object.assign(figures, { killed_to_lost_ms: lost.unix - killed, killed_to_resumed_ms: resumed.unix - killed, killed_to_wanted_ms: wanted.unix - killed, killed_to_offer_painted_ms: again.painted - killed })
    // The robot has the time to say something.
    const saying = await happens('saying', { from })
    await happens('said', { from: live.events.told.indexOf(saying) })
    clicked = await loser.accept()
    await happens('bridged', { from })
    const levels = await loser.hears()
    report.heard(`after the kill`, loser.name, levels)
    hearsJust(levels, ['callee'])
  })

  await api.post(`${live.path}/hang_up`, { reason: 'done' })
  await happens('ended')
  live.events.close()
  const callee = await world.heard(2)

  await report.check('the callee hears the robot within 2 s of the kill, and then the other agent', async (figures) => {
    const { last, robot, ms } = gap(callee, winner.name, killed - 1_000)
    holds(ms !== null, 'the robot is not heard after the kill')
    Object.assign(figures, { gap_ms: ms, last_sound_after_kill_ms: last - killed, robot_after_kill_ms: robot - killed })
    holds(robot - killed <= 2_000 && ms <= 2_000, `${ms} ms without anybody`)
    const other = firstSound(callee, loser.name, clicked)
    holds(other, 'the other agent is not heard')
    figures.click_to_other_agent_ms = other - clicked
  })
  return live
}
