import { dice, NAMES, phone } from '../dice.mjs'
import { page, refuse } from '../refuse.mjs'

const HOUR = 3_600_000
const roll = dice(11)
const DISPOSITIONS = [['completed', 1840], ['callee_hangup', 1320], ['no_answer', 2610], ['busy', 640], ['powered_off', 480], ['invalid', 310], ['rejected', 720], ['voicemail', 205], ['transferred', 184], ['callback', 96], ['opt_out', 71], ['network_busy', 22], ['assistant', 260]]
const STEPS = [['greet', '开场问候'], ['opening', '说明来意'], ['look_points', '活动介绍'], ['ask_coupon', '是否要券'], ['ask_channel', '短信还是微信'], ['remind', '开抢前提醒'], ['bye_ok', '结束·成功']]

export default function campaigns(world) {
  const now = world.began
  const all = [
    { id: 7, name: '双十一老会员复购', state: 'running', dialplans: [{ lang: 'zh', name: 'ecommerce-repurchase-zh', version: 12 }], trunk: '杭州联通', concurrency: 40, priority: 8, windows: 'default', max_attempts: 3, created_unix_ms: now - 30 * HOUR, progress: { total: 12480, queued: 3722, claimed: 31, done: 8727, live: 31 }, next_unix_ms: now + 4000, problem: null },
    { id: 9, name: '试听课邀约 · 华东三年级', state: 'paused', dialplans: [{ lang: 'zh', name: 'education-trial-zh', version: 4 }], trunk: '杭州联通', concurrency: 10, priority: 5, windows: 'mon-sat 10:00-12:00,15:00-19:30', max_attempts: 2, created_unix_ms: now - 80 * HOUR, progress: { total: 2150, queued: 1610, claimed: 0, done: 540, live: 0 }, next_unix_ms: null, problem: '近 120 秒内技术性失败 56%（≥50%），已自动暂停。请检查线路“杭州联通”后再继续。' },
    { id: 12, name: 'Appointment reminders, December <b>week 1</b>', state: 'stopped', dialplans: [{ lang: 'zh', name: 'appointment-reminder', version: null }, { lang: 'en', name: 'appointment-reminder', version: null }], trunk: 'twilio-us', concurrency: 5, priority: 5, windows: 'default', max_attempts: 2, created_unix_ms: now - 2 * HOUR, progress: { total: 0, queued: 0, claimed: 0, done: 0, live: 0 }, next_unix_ms: null, problem: null },
    { id: 3, name: '十月逾期提醒', state: 'finished', dialplans: [{ lang: 'zh', name: 'debt-reminder-zh', version: 8 }], trunk: '备用线路', concurrency: 20, priority: 5, windows: 'default', max_attempts: 3, created_unix_ms: now - 700 * HOUR, progress: { total: 5321, queued: 0, claimed: 0, done: 5321, live: 0 }, next_unix_ms: null, problem: null },
  ]
  const find = (id) => all.find((one) => one.id === Number(id)) ?? refuse(404, 'not_found', 'no such campaign')
  const leads = Array.from({ length: 12480 }, (_, n) => {
    const status = n < 8727 ? 'done' : n < 8758 ? 'claimed' : 'queued'
    const disposition = status === 'done' ? DISPOSITIONS[n % DISPOSITIONS.length][0] : null
    const talked = ['completed', 'callee_hangup', 'transferred', 'callback'].includes(disposition)
    return { id: n + 1, row: n + 2, name: n % 17 === 4 ? null : NAMES[n % NAMES.length], phone: phone(n), lang: n % 20 === 12 ? 'en' : 'zh', status, attempts: status === 'queued' ? 0 : 1 + (n % 3), next_unix_ms: status === 'queued' ? now + n * 800 : null, disposition, grade: talked ? 'ABCDEF'[n % 6] : null, call: status === 'done' ? `01JD${n}` : null }
  })
  setInterval(() => {
    const one = all[0]
    if (one.state !== 'running' || one.progress.queued < 50) return
    one.progress = { ...one.progress, done: one.progress.done + 3, queued: one.progress.queued - 3, live: 28 + roll.below(12) }
    world.tell('campaign', { id: one.id, state: one.state, progress: one.progress })
  }, 2000).unref?.()

  const stats = (one) => {
    if (one.progress.done === 0) return { dispositions: [], grades: [], connect_rate: 0, intent_rate: 0, conversion_rate: 0, funnel: [], intents: [], hours: [], pace: [], talk_ms_p50: 0 }
    let entered = 3720
    return {
      dispositions: DISPOSITIONS.map(([code, count]) => ({ code, count })),
      grades: [['A', 312], ['B', 540], ['C', 880], ['D', 610], ['E', 1010], ['F', 164]].map(([grade, count]) => ({ grade, count })),
      connect_rate: 0.427, intent_rate: 0.243, conversion_rate: 0.0495,
      funnel: STEPS.map(([step, name], n) => {
        const left = Math.round(entered * [0.22, 0.31, 0.18, 0.12, 0.05, 0.04, 1][n])
        const row = { step, name, entered, left }
        entered -= left
        return row
      }),
      intents: [['interested', 860], ['deny', 740], ['bought_already', 310], ['too_expensive', 255], ['by_wechat', 240], ['by_sms', 190], ['who_are_you', 130], ['quality_bad', 66]].map(([intent, count]) => ({ intent, count })),
      hours: [[9, 820, 260], [10, 1400, 690], [11, 1310, 610], [14, 1250, 420], [15, 1330, 480], [16, 1290, 560], [17, 900, 460], [18, 700, 410], [19, 510, 260], [20, 6, 5]].map(([hour, dialed, connected]) => ({ hour, dialed, connected })),
      pace: Array.from({ length: 96 }, (_, n) => ({ unix_ms: Date.now() - (96 - n) * 300_000, dialed: Math.max(0, Math.round(70 + 40 * Math.sin(n / 9) + roll.below(20) - (n > 40 && n < 60 ? 120 : 0))), connected: Math.max(0, Math.round(30 + 18 * Math.sin(n / 9) + roll.below(9) - (n > 40 && n < 60 ? 60 : 0))) })),
      talk_ms_p50: 47_000,
    }
  }
  const turn = (state) => ({ params }) => {
    const one = find(params.campaign)
    if (state === 'running' && one.progress.queued === 0) refuse(409, 'state', 'there is nobody to dial: import a list first')
    one.state = state
    one.problem = null
    world.tell('campaign', { id: one.id, state, progress: one.progress })
    return one
  }
  return {
    'GET /campaigns': () => ({ items: all, next: null }),
    'POST /campaigns': ({ body }) => {
      if (/test/.test(body.name)) refuse(422, 'bad', 'another campaign has this name', 'name')
      const made = { id: 20 + all.length, state: 'stopped', created_unix_ms: Date.now(), progress: { total: 0, queued: 0, claimed: 0, done: 0, live: 0 }, next_unix_ms: null, problem: null, ...body, dialplans: body.dialplans.map((name) => ({ lang: 'zh', name, version: null })) }
      all.push(made)
      return made
    },
    'GET /campaigns/:campaign': ({ params }) => find(params.campaign),
    'PATCH /campaigns/:campaign': ({ params, body }) => Object.assign(find(params.campaign), { ...body, dialplans: body.dialplans.map((name) => ({ lang: 'zh', name, version: null })) }),
    'POST /campaigns/:campaign/start': turn('running'),
    'POST /campaigns/:campaign/resume': turn('running'),
    'POST /campaigns/:campaign/pause': turn('paused'),
    'POST /campaigns/:campaign/stop': turn('stopped'),
    'GET /campaigns/:campaign/stats': ({ params }) => stats(find(params.campaign)),
    'GET /campaigns/:campaign/leads': ({ params, query }) => {
      if (find(params.campaign).progress.total === 0) return page([], query)
      const status = query.get('status')
      const q = query.get('q')
      return page(leads.filter((lead) => (!status || lead.status === status) && (!q || lead.name?.includes(q) || lead.phone.endsWith(q))), query)
    },
    'POST /campaigns/:campaign/leads': ({ body }) => (String(body.phone).length < 7 ? refuse(422, 'bad_phone', `“${body.phone}” is too short for a phone number: give all digits`, 'phone') : { ...leads[0], id: Date.now() }),
    'POST /campaigns/:campaign/leads/:lead/cancel': ({ params }) => void (leads[Number(params.lead) - 1].status = 'canceled'),
    'GET /campaigns/:campaign/export.csv': ({ response }) => (response.setHeader('Content-Type', 'text/csv'), Buffer.from('row,name\n1,张伟\n')),
    'GET /trunks': () => [{ name: '杭州联通', host: 'sip.example.cn', channels: 60, caller_ids: ['0571****8800'] }, { name: 'twilio-us', host: 'sip.example.com', channels: 20, caller_ids: ['+1415***0100'] }, { name: '备用线路', host: '10.0.0.8', channels: 30, caller_ids: [] }],
  }
}
