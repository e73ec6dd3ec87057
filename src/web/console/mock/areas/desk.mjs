import { refuse } from '../refuse.mjs'

const AGENTS = [
  [4, 'lina', '李娜', 'ready', ['sales', 'english']],
  [9, 'zhang', '张凯', 'on_call', ['sales']],
  [10, 'anna', 'Anna Brooks', 'wrap_up', ['english']],
  [11, 'sun', '孙悦', 'break', ['sales']],
  [12, 'he', '何军', 'offline', []],
]
const ANSWERS = {
  zh: [
    { question: '多少钱', answer: '体验课完全免费；正式课程平均一节八十元，一次报两期打九折。', score: 0.91 },
    { question: '地址在哪', answer: '朝阳校区在地铁六号线青年路站 B 口，步行三分钟。', score: 0.74 },
  ],
  en: [
    { question: 'How much is it?', answer: 'Four hundred and twenty dollars for twelve months, roadside help included.', score: 0.9 },
    { question: 'Does it cover another driver?', answer: 'A second driver over twenty-one is free of charge.', score: 0.81 },
  ],
}

export default function desk(world) {
  const hour = 3_600_000
  const state = new Map()
  world.lines = new Set()
  const of = (role) => {
    if (!state.has(role)) state.set(role, { presence: 'offline', since_unix_ms: Date.now(), line: null, call: null, offers: [], wrap_up_until_unix_ms: null, skills: role === 'agent' ? ['sales', 'english'] : [], within_hours: true, note: null, agent: role === 'agent' })
    return state.get(role)
  }
  const change = (role, more) => {
    const me = Object.assign(of(role), more)
    if (more.presence) me.since_unix_ms = Date.now()
    world.tell('desk', me, role)
  }
  const agents = AGENTS.map(([user, id, name, presence, skills], n) => ({ user, id, name, presence, since_unix_ms: Date.now() - n * 97_000 - 40_000, skills, call: null, line: presence === 'offline' ? null : n % 2 ? 'sip' : 'browser', calls_today: 14 - n * 3, talk_today_ms: 3_100_000 - n * 600_000 }))
  const tasks = [
    { id: 1, call: 'x', lead: { id: 7, name: '周杰' }, phone: '138****1234', reason: '下班后请求人工', due_unix_ms: Date.now() - hour, created_unix_ms: Date.now() - 9 * hour, done_unix_ms: null, by: null },
    { id: 2, call: 'y', lead: { id: 8, name: 'Emma Clarke' }, phone: '+1 415 *** 2210', reason: 'no agent came', due_unix_ms: Date.now() + 2 * hour, created_unix_ms: Date.now() - hour, done_unix_ms: null, by: null },
    { id: 3, call: 'z', lead: { id: 9, name: '刘洋' }, phone: '151****8802', reason: '客户要求下午回电', due_unix_ms: Date.now() + 26 * hour, created_unix_ms: Date.now() - hour, done_unix_ms: null, by: null },
  ]
  const pop = (call) => ({
    call: call.card.call,
    reason: call.events.findLast((event) => event.kind === 'agent_wanted')?.reason ?? '',
    evidence: call.spoken.findLast((line) => line.who === 'callee')?.text ?? '',
    briefing: call.card.lang === 'zh' ? ['三年级家长，已约周六体验课，想和老师说话。', '关心价格；应用题是弱项。'] : ['Wants to renew today and add a daughter, 23.', 'Asked for a person; price was accepted.'],
    grade: call.card.grade,
    reasons: ['…'],
    lead: { id: call.card.lead.id, name: call.card.lead.name, vars: call.lead.vars },
    phone: call.card.phone,
    card: Object.entries(call.cells),
    transcript: call.spoken,
    contact: { tags: call.card.lang === 'zh' ? ['老客户', '朝阳校区'] : ['customer since 2021'], calls: world.past.slice(0, 2).map((old) => ({ call: old.card.call, campaign: old.card.campaign, lead: old.card.lead, phone: old.card.phone, started_unix_ms: Date.now() - 40 * 24 * hour, talk_ms: 60_000, disposition: 'completed', grade: 'C', tags: [], agent: null, recording: true, review: null })) },
    tags: call.events.filter((event) => event.kind === 'tag').map(({ tag, evidence }) => ({ tag, evidence })),
  })
  const found = (id) => world.find(id) ?? refuse(404, 'not_found', 'no such call')

  world.wanted = (call, reason) => {
    for (const [role, me] of state) {
      if (me.presence !== 'ready' || me.offers.length) continue
      const offer = { call: call.card.call, reason, skill: 'sales', grade: call.card.grade, lead: { name: call.card.lead.name }, rings_until_unix_ms: Date.now() + 25_000 }
      call.say('agent_ringing', { agent: 'lina' })
      change(role, { presence: 'offered', offers: [offer] })
      world.tell('offer', offer, role)
      setTimeout(() => {
        if (!me.offers.some((other) => other.call === offer.call)) return
        world.tell('offer_gone', { call: offer.call, why: 'timeout', by: null }, role)
        change(role, { presence: 'ready', offers: [] })
      }, 25_000)
    }
  }
  world.wrap = (call) => {
    for (const [role, me] of state) if (me.call === call.card.call) change(role, { presence: 'wrap_up', wrap_up_until_unix_ms: Date.now() + 45_000 })
  }
  setInterval(() => {
    for (const me of state.values()) if (me.presence === 'on_call' && !world.live.has(me.call)) world.wrap(found(me.call))
    const one = agents[1 + Math.floor(Math.random() * 3)]
    one.presence = ['ready', 'on_call', 'wrap_up'][Math.floor(Math.random() * 3)]
    one.since_unix_ms = Date.now()
    world.tell('agents', [one])
  }, 4_000).unref()

  return {
    'GET /desk/me': ({ role }) => of(role),
    'POST /desk/presence': ({ role, body }) => {
      change(role, { presence: body.presence, offers: [] })
      if (body.presence !== 'ready') return
      const waiting = [...world.live.values()].find((call) => call.card.state === 'waiting')
      if (waiting) setTimeout(() => waiting.card.state === 'waiting' && world.wanted(waiting, pop(waiting).reason), 1500)
    },
    'POST /desk/line': ({ role }) => {
      world.lines.add(role)
      change(role, { line: 'browser' })
      return { sdp: '', line: `L-${role}` }
    },
    'DELETE /desk/line': ({ role }) => void world.lines.delete(role),
    'GET /desk/offers/:call': ({ params }) => pop(found(params.call)),
    'POST /desk/offers/:call/accept': ({ params, role }) => {
      const call = world.live.get(params.call) ?? refuse(409, 'ended', 'the customer hung up')
      if (call.card.agent) refuse(409, 'taken', 'another agent took it')
      call.bridge({ user: 4, id: 'lina', name: '李娜' })
      change(role, { presence: 'on_call', call: params.call, offers: [] })
    },
    'POST /desk/offers/:call/decline': ({ role }) => change(role, { presence: 'ready', offers: [] }),
    'PATCH /desk/calls/:call/card': ({ params, body, role }) => {
      const call = found(params.call)
      for (const [field, value] of Object.entries(body.fields)) {
        call.cells[field] = value
        call.say('card', { field, value })
      }
      call.say('card_edited', { by: role, fields: Object.keys(body.fields) })
    },
    'POST /desk/calls/:call/outcome': ({ role }) => change(role, { presence: 'ready', call: null, wrap_up_until_unix_ms: null }),
    'GET /desk/calls/:call/suggestions': ({ params }) => ({ items: ANSWERS[found(params.call).card.lang] }),
    'GET /desk/agents': () => agents,
    'GET /desk/tasks': () => ({ items: tasks.filter((task) => !task.done_unix_ms), next: null }),
    'POST /desk/tasks/:task/done': ({ params, role }) => void Object.assign(tasks.find((task) => task.id === Number(params.task)) ?? {}, { done_unix_ms: Date.now(), by: role }),
    'GET /desk/outcomes': () => ['sold', 'interested', 'appointment', 'callback', 'not_interested', 'not_reached', 'wrong_person', 'complaint', 'other'],
    'GET /campaigns': () => [{ id: 1, name: '暑期体验课 · 七月名单' }, { id: 2, name: '三季度物业费' }, { id: 3, name: 'Car policy renewal, west' }],
  }
}
