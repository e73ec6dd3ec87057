import { refuse } from '../refuse.mjs'

const PEOPLE = { admin: [1, '陈立'], supervisor: [3, '王芳'], agent: [4, '李娜'] }

export default function live(world) {
  const here = (id) => world.live.get(id) ?? refuse(404, 'not_found', 'the call is over')
  const leave = (call, user) => {
    const was = call.card.watchers.find((watcher) => watcher.user === user)
    if (was) call.say('watch_ended', { user, name: was.name, why: 'left' })
    call.touch({ watchers: call.card.watchers.filter((watcher) => watcher.user !== user) })
  }
  return {
    'GET /live/calls': ({ role }) => ({ calls: role === 'agent' ? [] : [...world.live.values()].map((call) => call.card), now_unix_ms: Date.now() }),
    'GET /live/events': (asked) => void world.stream(asked),
    'GET /live/calls/:call/events': (asked) => {
      const call = world.find(asked.params.call) ?? refuse(404, 'not_found', 'no such call')
      const one = world.stream(asked, false)
      for (const event of call.events) one.send('event', event)
      if (call.over) one.send('end', null)
      else call.listeners.add(one)
      asked.request.on('close', () => call.listeners.delete(one))
    },
    'POST /live/calls/:call/supervise': ({ params, body, role }) => {
      const call = here(params.call)
      const [user, name] = PEOPLE[role]
      if (!world.lines?.has(role)) refuse(409, 'no_line', 'connect your audio line first')
      call.touch({ watchers: [...call.card.watchers.filter((watcher) => watcher.user !== user), { user, name, mode: body.mode }] })
      call.say('watching', { user, name, mode: body.mode })
      if (body.mode === 'take_over') {
        call.say('taken_over', { user, by: name })
        call.touch({ state: 'bridged', agent: { user, id: name, name } })
      }
    },
    'DELETE /live/calls/:call/supervise': ({ params, role }) => leave(here(params.call), PEOPLE[role][0]),
    'POST /live/calls/:call/steer': ({ params, body, role }) => {
      const call = here(params.call)
      call.say('steered', { by: PEOPLE[role][1], say: body.say ?? null, step: body.step ?? null })
      if (body.step) {
        call.say('step', { step: body.step })
        call.touch({ step: body.step })
      }
      if (body.say) call.say('saying', { step: call.card.step, text: body.say })
    },
    'POST /live/calls/:call/hand_back': ({ params, role }) => {
      const call = here(params.call)
      call.say('handed_back', { by: PEOPLE[role][1], to: null, step: null })
      call.say('resumed', { why: 'handed back' })
      leave(call, PEOPLE[role][0])
      call.touch({ state: 'talking', agent: null })
      if (role === 'agent') world.wrap?.(call)
    },
    'POST /live/calls/:call/hang_up': ({ params, body, role }) => {
      const call = here(params.call)
      call.say('hangup_ordered', { by: PEOPLE[role][1], reason: body.reason })
      call.end('completed')
      if (role === 'agent') world.wrap?.(call)
    },
    'POST /live/calls/:call/grade': ({ params, body, role }) => here(params.call).grade(body.grade, [body.reason], PEOPLE[role][1]),
  }
}
