import { page, refuse } from '../refuse.mjs'

const DAY = 86_400_000

/** Users, keys, the audit log and tenants. */
export default function people(world) {
  const now = world.began
  const users = [['chenli', '陈立', 'admin', []], ['zhoumin', '周敏', 'ops', []], ['wangfang', '王芳', 'supervisor', ['售后']], ['lina', '李娜', 'agent', ['销售', '英语', '售后', '大客户']], ['wangqiang', '王强', 'agent', ['销售']], ['grace', 'Grace Lee', 'agent', ['english']], ['zhaoqiang', '赵强', 'auditor', []]].map(([name, display, role, skills], n) => ({ id: n + 1, name, display, role, tenant: 1, skills, sip_uri: n === 4 ? 'sip:wq@10.0.0.20' : null, hours: role === 'agent' ? 'mon-fri 09:00-18:00; sat 10:00-14:00' : null, tz: 'Asia/Shanghai', disabled: n === 4, created_unix_ms: now - 90 * DAY, last_login_unix_ms: n === 6 ? null : now - n * 3_600_000 }))
  const keys = [
    { id: 1, name: 'CRM 同步', role: 'ops', scopes: ['campaigns.view', 'lists.upload', 'leads.edit'], prefix: 'csk_x7Fq2a', created_unix_ms: now - 40 * DAY, last_used_unix_ms: now - 60_000, expires_unix_ms: now + 50 * DAY, revoked: false },
    { id: 2, name: 'BI export (old)', role: 'ops', scopes: ['campaigns.export'], prefix: 'csk_9aLm0p', created_unix_ms: now - 400 * DAY, last_used_unix_ms: null, expires_unix_ms: null, revoked: true },
  ]
  const actions = [['campaigns.start', 'campaign:7', { concurrency: 40 }], ['calls.listen', 'call:01JD31', { mode: 'listen' }], ['campaigns.export', 'campaign:3', { rows: 5321, format: 'xlsx' }], ['dialplans.publish', 'dialplan:ecommerce-repurchase-zh', { version: 12, note: '加“已购买”的应答' }], ['dnc.remove', 'dnc:88', { reason: '客户书面同意' }], ['session.login', 'user:2', { from: '10.0.0.5' }]]
  const audit = Array.from({ length: 400 }, (_, n) => ({ id: 400 - n, at_unix_ms: now - n * 610_000, who: ['周敏', '王芳', '陈立'][n % 3], role: ['ops', 'supervisor', 'admin'][n % 3], action: actions[n % 6][0], object: actions[n % 6][1], detail: actions[n % 6][2], hash: `${(n * 2654435761 >>> 0).toString(16).padStart(8, '0')}`.repeat(8) }))
  const tenants = [
    { id: 1, name: '本机平台', kind: 'platform', mode: 'self_governing', suspended: false },
    { id: 2, name: '悦动教育', kind: 'merchant', mode: 'managed', suspended: false },
    { id: 3, name: 'Northwind Insurance', kind: 'merchant', mode: 'self_governing', suspended: false },
    { id: 4, name: '旧商户（已停）', kind: 'merchant', mode: 'managed', suspended: true },
  ]
  const whole = (items) => ({ items, next: null })
  return {
    'GET /users': () => whole(users),
    'POST /users': ({ body }) => {
      if (users.some((user) => user.name === body.name)) refuse(422, 'taken', `there is a user ${body.name} already`, 'name')
      const user = { id: users.length + 1, tenant: 1, disabled: false, created_unix_ms: Date.now(), last_login_unix_ms: null, ...body }
      users.push(user)
      return user
    },
    'PATCH /users/:user': ({ params, body }) => Object.assign(users.find((user) => user.id === Number(params.user)), body),
    'POST /users/:user/link': () => ({ url: 'https://callsmith.example.cn/#/link/q7Zr0cT2mPBf3yKx' }),
    'GET /keys': () => whole(keys),
    'POST /keys': ({ body }) => {
      const key = { id: keys.length + 1, prefix: 'csk_Zz81kd', created_unix_ms: Date.now(), last_used_unix_ms: null, expires_unix_ms: null, revoked: false, ...body }
      keys.push(key)
      return { key, secret: 'csk_Zz81kdUq3v0mA7yXw2RbNs5TgHcJePfL' }
    },
    'DELETE /keys/:key': ({ params }) => void (keys.find((key) => key.id === Number(params.key)).revoked = true),
    'GET /openapi.json': () => ({ paths: { '/a': { get: { 'x-permission': 'audit.view', 'x-roles': ['admin', 'auditor'] } }, '/k': { get: { 'x-permission': 'keys.edit', 'x-roles': ['admin'] }, post: { 'x-permission': 'users.edit', 'x-roles': ['admin'] } } } }),
    'GET /audit': ({ query }) => page(audit.filter((row) => (!query.get('who') || row.who.includes(query.get('who'))) && (!query.get('action') || row.action.includes(query.get('action')))), query),
    'GET /audit/verify': () => ({ rows: 400, broken_at: null }),
    'GET /tenants': () => whole(tenants),
    'POST /tenants': ({ body }) => {
      const tenant = { id: tenants.length + 1, kind: 'merchant', suspended: false, name: body.name, mode: body.mode }
      tenants.push(tenant)
      return { ...tenant, link: body.admin ? 'https://callsmith.example.cn/#/link/Hn4sL0' : null }
    },
    'PATCH /tenants/:tenant': ({ params, body }) => Object.assign(tenants.find((tenant) => tenant.id === Number(params.tenant)), body),
  }
}
