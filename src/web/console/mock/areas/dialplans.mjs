import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findingsOf, graphOf } from '../plan-graph.mjs'
import { refuse } from '../refuse.mjs'

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../../../dialplans')
const DAY = 86_400_000

export default function dialplans(world) {
  const plans = new Map()
  for (const file of readdirSync(folder).filter((one) => one.endsWith('.yaml'))) {
    const text = readFileSync(join(folder, file), 'utf8')
    const version = plans.size === 4 ? null : 4 + plans.size * 3
    const older = text.replace('占用您一分钟可以吗', '您现在方便吗').replace('speed: 1.05', 'speed: 1.0')
    plans.set(file.replace('.yaml', ''), { text, version, texts: new Map([[version, text], [(version ?? 1) - 1, older]]), versions: version === null ? [] : Array.from({ length: version }, (_, n) => ({ version: version - n, by: n % 2 ? '周敏' : '陈立', note: ['开场白改短，多问一句方便吗', '加“已购买”的应答', '修正满减规则', '语速调慢'][n % 4], at_unix_ms: world.began - n * 3 * DAY, active: n === 0 })) })
  }
  const find = (name) => plans.get(name) ?? refuse(404, 'not_found', `there is no dialplan “${name}”`)
  let suggestions = [
    { id: 's1', kind: 'intent', intent: 'bought_already', phrases: [{ text: '我双十一那天已经囤过了', count: 14 }, { text: '上礼拜才到的货', count: 9 }, { text: '冰箱都塞满了', count: 6 }], answer: null, calls: ['01JD4', '01JD9', '01JD31'] },
    { id: 's2', kind: 'answer', intent: 'invoice', phrases: [{ text: '能开发票吗', count: 11 }, { text: '公司报销要专票', count: 4 }], answer: '可以的，下单备注里写上抬头和税号，三个工作日内发到您邮箱。', calls: ['01JD12'] },
  ]
  const rehearsals = new Map()
  const state = (one) => ({ out: [], ended: false, step: one.steps[one.at]?.id ?? null, slots: one.slots, tags: one.tags, grade: one.grade })
  const enter = (one, at) => {
    one.at = at
    const step = one.steps[at]
    return [{ kind: 'step', text: step.id }, { kind: 'say', text: (step.say ?? '……').replaceAll('{name}', '张伟') }]
  }
  return {
    'GET /dialplans': () => [...plans].map(([name, plan]) => ({ name, lang: name.endsWith('en') ? 'en' : 'zh', langs: name === 'appointment-reminder' ? ['zh', 'en'] : [name.endsWith('en') ? 'en' : 'zh'], version: plan.version, published_unix_ms: plan.version === null ? null : world.began - DAY, by: plan.version === null ? null : '陈立', steps: graphOf(plan.text).nodes.length })),
    'GET /dialplans/:name': ({ params, query }) => {
      const plan = find(params.name)
      const text = plan.texts.get(Number(query.get('version'))) ?? plan.text
      return { name: params.name, version: plan.version, text, files: /shared\/manners/.test(text) ? [{ path: 'shared/manners-zh.yaml', text: readFileSync(join(folder, 'shared/manners-zh.yaml'), 'utf8') }] : [], graph: graphOf(text) }
    },
    'POST /dialplans/check': ({ body }) => ({ findings: findingsOf(body.text), graph: /\t/.test(body.text) ? null : graphOf(body.text) }),
    'POST /dialplans/:name/publish': ({ params, body }) => {
      if (findingsOf(body.text).some((one) => one.severity === 'error')) refuse(422, 'findings', 'the dialplan has errors')
      const plan = plans.get(params.name) ?? { version: 0, texts: new Map(), versions: [] }
      plan.version = (plan.version ?? 0) + 1
      plan.text = body.text
      plan.texts.set(plan.version, body.text)
      plan.versions.forEach((one) => (one.active = false))
      plan.versions.unshift({ version: plan.version, by: '陈立', note: body.note, at_unix_ms: Date.now(), active: true })
      plans.set(params.name, plan)
      return { version: plan.version }
    },
    'POST /dialplans/:name/rollback': ({ params, body }) => {
      const plan = find(params.name)
      plan.version = body.version
      plan.versions.forEach((one) => (one.active = one.version === body.version))
      return { version: body.version }
    },
    'GET /dialplans/:name/versions': ({ params }) => find(params.name).versions,
    'GET /dialplans/:name/diff': () => ({ diff: '--- a\n+++ b\n@@ -15,7 +15,7 @@ voice\n company: 果然鲜商城\n values:\n   business: 卖水果和零食的网上商城\n-  purpose: 这周大促，给老会员留了券\n+  purpose: 这周大促，给老会员留了一张券\n   hotline: 4 0 0，6 6 6，0 0 1 2\n   site: 我们的小程序\n@@ -70,9 +70,10 @@ steps\n   greet:\n     say:\n-      - "{name}您好，占用您几分钟时间可以吗？"\n+      - "{name}您好，占用您一分钟可以吗？"\n     listen: yes_no\n     on:\n       affirm: opening\n       interested: opening\n+      bought_already: opening\n       deny: { tag: refused, goto: bye_refused }\n' }),
    'GET /dialplans/:name/suggestions': () => ({ items: suggestions, next: null }),
    'POST /dialplans/:name/suggestions/:id/accept': ({ params }) => ({ text: find(params.name).text.replace('这个月买过了]', '这个月买过了, 我双十一那天已经囤过了, 上礼拜才到的货, 冰箱都塞满了]') }),
    'POST /dialplans/:name/suggestions/:id/dismiss': ({ params }) => void (suggestions = suggestions.filter((one) => one.id !== params.id)),
    'GET /schema/dialplan': () => ({ type: 'object', properties: { lang: { enum: ['zh', 'en'], description: 'The language the call begins in.' }, start: { type: 'string' }, steps: { type: 'object', additionalProperties: { $ref: '#/$defs/step' } } }, $defs: { step: { properties: { say: { type: 'string', description: 'Said on entering.' }, listen: { enum: ['open', 'yes_no', 'digits'], description: 'How long a pause ends the callee’s turn.' }, on: { type: 'object', additionalProperties: { type: 'string' }, description: 'Intents and what they do.' }, else: { type: 'string' } } } } }),
    'POST /rehearse': ({ body }) => {
      const text = body.text ?? find(body.name).text
      const one = { steps: graphOf(text).nodes.filter((node) => node.say), at: 0, slots: {}, tags: [], grade: null }
      const id = `r${rehearsals.size + 1}`
      rehearsals.set(id, one)
      return { rehearsal: id, out: [{ kind: 'say', text: '您好，我是果然鲜商城的智能语音助手，通话会录音。' }, ...enter(one, 0)] }
    },
    'POST /rehearse/:rehearsal': ({ params, body }) => {
      const one = rehearsals.get(params.rehearsal) ?? refuse(404, 'not_found', 'the rehearsal is over')
      if (body.back) return { ...state(one), out: [], ...(one.at > 0 ? (one.at--, state(one)) : {}) }
      if (body.jump) return { out: enter(one, Math.max(0, one.steps.findIndex((step) => step.id === body.jump))), ended: false, step: body.jump, slots: one.slots, tags: one.tags, grade: one.grade }
      const out = []
      if (body.heard) {
        out.push({ kind: 'intent', text: /不/.test(body.heard) ? 'deny' : 'affirm', detail: { score: 0.93 } })
        if (/想|要|好/.test(body.heard) && !one.tags.includes('interested')) {
          one.tags.push('interested')
          one.grade = 'B'
          out.push({ kind: 'tag', text: 'interested' }, { kind: 'grade', text: 'B', detail: { reasons: ['客户想要优惠券'] } })
        }
        if (/点|号|明天/.test(body.heard)) {
          one.slots.callback_at = '明天 10:00'
          out.push({ kind: 'slot', text: 'callback_at = 明天 10:00' })
        }
      }
      const ended = /不|再见/.test(body.heard ?? '') || one.at >= one.steps.length - 1
      if (ended) out.push({ kind: 'say', text: '好的，打扰您了，再见。' }, { kind: 'hangup', text: 'completed' })
      else out.push(...enter(one, one.at + 1))
      return { ...state(one), out, ended }
    },
    'DELETE /rehearse/:rehearsal': ({ params }) => void rehearsals.delete(params.rehearsal),
    'POST /rehearse/:rehearsal/line': () => refuse(503, 'no_voice', 'the mock has no voice'),
  }
}
