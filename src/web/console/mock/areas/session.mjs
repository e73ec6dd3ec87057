import { refuse } from '../refuse.mjs'

const ALL = ['live.view', 'calls.follow', 'calls.listen', 'calls.whisper', 'calls.steer', 'calls.barge', 'calls.take_over', 'calls.hand_back', 'calls.hang_up', 'calls.grade', 'desk.work', 'desk.line', 'desk.view', 'desk.tasks', 'lists.upload', 'campaigns.view', 'campaigns.edit', 'campaigns.export', 'leads.edit', 'calls.view', 'calls.play', 'calls.sip', 'qc.review', 'qc.view', 'qc.words', 'stats.view', 'contacts.view', 'contacts.edit', 'contacts.erase', 'dnc.view', 'dnc.edit', 'dnc.remove', 'follow_ups.view', 'follow_ups.edit', 'webhooks.edit', 'dialplans.view', 'dialplans.edit', 'dialplans.rehearse', 'users.edit', 'keys.edit', 'audit.view', 'tenants.edit', 'api.read']
const MAY = {
  admin: ALL,
  ops: ['live.view', 'calls.follow', 'desk.line', 'desk.view', 'lists.upload', 'campaigns.view', 'campaigns.edit', 'campaigns.export', 'leads.edit', 'calls.view', 'calls.sip', 'stats.view', 'contacts.view', 'contacts.edit', 'dnc.view', 'dnc.edit', 'follow_ups.view', 'follow_ups.edit', 'webhooks.edit', 'dialplans.view', 'dialplans.edit', 'dialplans.rehearse', 'api.read'],
  supervisor: ['live.view', 'calls.follow', 'calls.listen', 'calls.whisper', 'calls.steer', 'calls.barge', 'calls.take_over', 'calls.hand_back', 'calls.hang_up', 'calls.grade', 'desk.work', 'desk.line', 'desk.view', 'desk.tasks', 'campaigns.view', 'calls.view', 'calls.play', 'qc.review', 'qc.view', 'qc.words', 'stats.view', 'contacts.view', 'contacts.edit', 'dnc.view', 'dnc.edit', 'follow_ups.view', 'follow_ups.edit', 'dialplans.view', 'dialplans.rehearse', 'api.read'],
  agent: ['calls.follow', 'calls.hand_back', 'calls.hang_up', 'desk.work', 'desk.line', 'desk.tasks', 'api.read'],
  auditor: ['calls.view', 'calls.play', 'qc.view', 'dnc.view', 'audit.view', 'api.read'],
}
const NAMES = { admin: '陈立', ops: '周敏', supervisor: '王芳', agent: '李娜', auditor: '赵强' }
const TENANTS = [
  { id: 1, name: '本机平台', kind: 'platform', mode: 'self_governing', suspended: false },
  { id: 2, name: '悦动教育', kind: 'merchant', mode: 'managed', suspended: false },
  { id: 3, name: 'Northwind Insurance', kind: 'merchant', mode: 'self_governing', suspended: false },
]

export default function session(world) {
  const me = (role) => ({
    user: { id: Object.keys(MAY).indexOf(role) + 1, name: role, display: NAMES[role], role, tenant: 1, skills: role === 'agent' ? ['sales', 'english'] : [], sip_uri: null, hours: 'mon-fri 09:00-18:00', tz: 'Asia/Shanghai', disabled: false, created_unix_ms: world.began - 9e9, last_login_unix_ms: world.began },
    tenant: TENANTS[0],
    tenants: role === 'admin' || role === 'ops' ? TENANTS : [TENANTS[0]],
    csrf: 'mock',
    may: MAY[role],
    demo: true,
  })
  const enter = (response, role) => {
    response.setHeader('Set-Cookie', `callsmith=${role}; HttpOnly; SameSite=Strict; Path=/`)
    return me(role)
  }
  return {
    'GET /session': ({ role }) => (role ? me(role) : refuse(401, 'login', 'log in first')),
    'POST /session': ({ body, response }) => (body.password === 'wrong' || !MAY[body.name] ? refuse(401, 'wrong', 'user name or password is wrong') : enter(response, body.name)),
    'DELETE /session': ({ response }) => void response.setHeader('Set-Cookie', 'callsmith=; Path=/; Max-Age=0'),
    'POST /session/link': ({ body, response }) => {
      if (body.token === 'new') return body.password ? enter(response, 'admin') : refuse(422, 'password_needed', 'choose a password')
      return MAY[body.token] ? enter(response, body.token) : refuse(404, 'not_found', 'the link was used or is over')
    },
    'POST /session/password': ({ body }) => (body.old === 'wrong' ? refuse(422, 'wrong', 'the present password is wrong', 'old') : undefined),
    'GET /health': () => ({ ok: true }),
  }
}
