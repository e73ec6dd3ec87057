import { dice, NAMES, phone } from '../dice.mjs'
import { page, refuse } from '../refuse.mjs'

const DAY = 86_400_000

/** Quality, statistics, contacts, the DNC list, follow-ups and webhooks. */
export default function past(world) {
  const now = world.began
  const roll = dice(5)
  let words = [['投诉', 'zh', 'sensitive'], ['报警', 'zh', 'sensitive'], ['保证收益', 'zh', 'forbidden'], ['稳赚不赔', 'zh', 'forbidden'], ['guaranteed return', 'en', 'forbidden']].map(([word, lang, kind], n) => ({ id: n + 1, word, lang, kind }))
  const said = ['再打电话我就要投诉你们了', '你们这个能保证收益吗', '我已经报警了你知道吗', '我们这款产品保证收益，您放心', 'is there a guaranteed return on this']
  const hits = Array.from({ length: 43 }, (_, n) => ({ call: `01JD${n}`, word: ['投诉', '保证收益', '报警', '保证收益', 'guaranteed return'][n % 5], kind: 'sensitive', who: ['callee', 'callee', 'callee', 'agent', 'callee'][n % 5], text: said[n % 5], at_ms: 12_000 + n * 700, unix_ms: now - n * 3_100_000 }))
  const contacts = Array.from({ length: 330 }, (_, n) => ({ contact: `c${n}`, phone: phone(n), name: n % 11 === 3 ? null : NAMES[n % NAMES.length], tags: [['vip', 'repeat_buyer'], [], ['price_sensitive'], ['complained'], ['interested', 'has_baby', 'east', 'gold', 'wechat']][n % 5], calls: 1 + (n % 7), last_unix_ms: now - n * 5_000_000, dnc: n % 13 === 5 }))
  const row = (n) => ({ call: `01JD${n}`, campaign: { id: 7, name: '双十一老会员复购' }, lead: { id: n, name: NAMES[n % NAMES.length] }, phone: phone(n), started_unix_ms: now - n * DAY, talk_ms: 20_000 + n * 9_000, disposition: ['completed', 'transferred', 'callee_hangup'][n % 3], grade: 'ABCD'[n % 4], tags: ['interested'], agent: n % 3 === 1 ? '李娜' : null, recording: true, review: n % 2 ? 88 : null })
  const follow = Array.from({ length: 26 }, (_, n) => ({ id: n + 1, lead: n, name: NAMES[(n * 3) % NAMES.length], phone: phone(n), due_unix_ms: now + (n - 6) * 5_400_000, campaign: '双十一老会员复购', reason: ['客户说明天上午再打', '孩子满六个月，介绍辅食', '等发工资后再联系', '开抢前一小时提醒'][n % 4], done_unix_ms: n % 6 === 5 ? now - 3_600_000 : null }))
  const dnc = Array.from({ length: 240 }, (_, n) => ({ id: n + 1, phone: phone(n + 40), source: ['spoken', 'key', 'import', 'manual'][n % 4], reason: ['不要再打了', '按 9 退订', '运营商投诉名单 2026-10', '客户致电客服要求'][n % 4], at_unix_ms: now - n * 7_000_000 }))
  const hooks = [
    { id: 2, url: 'https://crm.example.com/callsmith', events: ['call.ended', 'lead.graded_hot', 'callback.requested'], active: true, state: 'active', problem: null, created_by: '周敏', created_unix_ms: now - 20 * DAY, waiting: 3, failed: 1 },
    { id: 5, url: 'https://old.example.com/hook', events: ['lead.opted_out'], active: false, state: 'gone', problem: '对方回答 410 Gone，已停止推送。恢复后会再试。', created_by: '陈立', created_unix_ms: now - 90 * DAY, waiting: 0, failed: 12 },
  ]
  const deliveries = Array.from({ length: 70 }, (_, n) => ({ id: 900 - n, event: ['call.ended', 'lead.graded_hot', 'callback.requested'][n % 3], at_unix_ms: now - n * 190_000, attempts: n % 9 === 4 ? 4 : 1, status: n < 2 ? 'waiting' : n % 9 === 4 ? 'failed' : 'done', last_error: n % 9 === 4 ? 'HTTP 502 Bad Gateway' : n < 2 ? 'connection refused' : null, next_unix_ms: n < 2 ? now + 90_000 : null }))
  return {
    'GET /qc/words': () => ({ items: words, next: null }),
    'POST /qc/words': ({ body }) => (words.some((one) => one.word === body.word) ? refuse(409, 'known', `“${body.word}” is watched already`, 'word') : void words.unshift({ id: words.length + 9, ...body })),
    'DELETE /qc/words/:word': ({ params }) => void (words = words.filter((one) => String(one.id) !== params.word)),
    'GET /qc/hits': ({ query }) => page(hits.filter((hit) => hit.unix_ms >= Number(query.get('since') ?? 0)), query),
    'GET /stats/agents': () => ['李娜', '王强', 'Grace Lee', '赵小雨', '孙涛'].map((name, n) => ({ agent: `a${n}`, name, offered: 60 - n * 9, accepted: 52 - n * 11, missed: 8 + n * 2, talk_ms: (52 - n * 11) * 163_000, wrap_ms: (52 - n * 11) * 31_000, conversions: 14 - n * 3, score: n === 4 ? null : 93 - n * 4 })),
    'GET /stats/robot': () => ({ calls: 8727, connected: 3721, turns: 21_402, no_match_rate: 0.061, no_input_rate: 0.043, interruptions: 1904, latency_p50_ms: 420, latency_p95_ms: 910, handoffs: 184, opt_outs: 71, by_dialplan: [{ dialplan: 'ecommerce-repurchase-zh', calls: 6100, connected: 2610, no_match_rate: 0.052, handoffs: 133, opt_outs: 51 }, { dialplan: 'education-trial-zh', calls: 540, connected: 240, no_match_rate: 0.09, handoffs: 22, opt_outs: 6 }, { dialplan: 'debt-reminder-zh', calls: 2087, connected: 871, no_match_rate: 0.071, handoffs: 29, opt_outs: 14 }] }),
    'GET /contacts': ({ query }) => page(contacts.filter((one) => (!query.get('q') || one.name?.includes(query.get('q')) || one.phone.endsWith(query.get('q'))) && (!query.get('tag') || one.tags.includes(query.get('tag')))), query),
    'GET /contacts/:contact': ({ params }) => {
      const one = contacts.find((other) => other.contact === params.contact) ?? refuse(404, 'not_found', 'no such contact')
      return { ...one, tags: one.tags.map((tag) => ({ tag, at_unix_ms: now, call: null })), history: Array.from({ length: one.calls }, (_, n) => row(n)), follow_ups: follow.slice(0, one.calls % 3) }
    },
    'POST /contacts/:contact/tags': ({ params, body }) => void contacts.find((one) => one.contact === params.contact).tags.push(body.tag),
    'DELETE /contacts/:contact/tags/:tag': ({ params }) => {
      const one = contacts.find((other) => other.contact === params.contact)
      one.tags = one.tags.filter((tag) => tag !== params.tag)
    },
    'POST /contacts/:contact/erase': () => ({ state: 'done', erased: {} }),
    'GET /follow_ups': ({ query }) => page(follow, query),
    'POST /follow_ups/:follow_up/done': ({ params }) => void (follow[Number(params.follow_up) - 1].done_unix_ms = Date.now()),
    'GET /dnc': ({ query }) => page(dnc.filter((one) => !query.get('q') || one.phone.endsWith(query.get('q'))), query),
    'POST /dnc': ({ body }) => (body.phone.length < 7 ? refuse(422, 'bad_phone', `“${body.phone}” is not a phone number`, 'phone') : (dnc.unshift({ id: Date.now(), phone: '138****0000', source: 'manual', reason: body.reason, at_unix_ms: Date.now() }), { added: 1 })),
    'DELETE /dnc/:entry': ({ params }) => void dnc.splice(dnc.findIndex((one) => String(one.id) === params.entry), 1),
    'POST /dnc/import': () => ({ rows: 1200, added: 1110, known: 86, bad: 4, errors: [{ row: 14, message: '“12345”位数不够' }, { row: 88, message: '号码是空的' }] }),
    'GET /webhooks': () => hooks,
    'POST /webhooks': ({ body }) => {
      if (/10\.|localhost|192\.168/.test(body.url)) refuse(422, 'bad_url', '10.0.0.8 is a private address: webhooks go to public ones only', 'url')
      const hook = { id: 10 + hooks.length, ...body, active: true, state: 'active', problem: null, waiting: 0, failed: 0 }
      hooks.push(hook)
      return { hook, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }
    },
    'PATCH /webhooks/:hook': ({ params, body }) => Object.assign(hooks.find((one) => one.id === Number(params.hook)), body, { state: body.active ? 'active' : 'paused', problem: null }),
    'DELETE /webhooks/:hook': ({ params }) => void hooks.splice(hooks.findIndex((one) => one.id === Number(params.hook)), 1),
    'POST /webhooks/:hook/secret': () => ({ secret: 'whsec_Q0ZtH2dVb2pXc1RrYXNkZmdoamtsMTIz', old_signs_until_unix_ms: Date.now() + DAY }),
    'GET /webhooks/:hook/deliveries': ({ query }) => page(deliveries, query),
    'POST /webhooks/:hook/replay': () => ({ deliveries: 1 + roll.below(4) }),
    'POST /webhooks/:hook/test': () => ({}),
  }
}
