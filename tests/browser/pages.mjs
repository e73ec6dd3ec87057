// Every page of the console, for whom it is pictured, and what is done on it before the picture.
//   path: an address, or what finds one with the server's help (null: this server has nothing to show there)
//   role: who the pictures in all languages, themes and sizes are made for; the others only visit
//   act:  steps on the page; they run once for each language and size

/** The first item of a paged answer. */
const first = async (api, path) => {
  const answer = await api(path)
  return (answer.items ?? answer)[0] ?? null
}
/** The past call with the most to look at: a human joined, a good grade, a recording. */
async function richest(api) {
  const { items } = await api('/calls?limit=200')
  const weight = (row) => (row.recording ? 8 : 0) + (row.agent ? 4 : 0) + (row.grade === 'A' ? 3 : row.grade === 'B' ? 2 : 0) + Math.min(row.talk_ms / 60_000, 2) + row.tags.length / 5
  return items.filter((row) => row.talk_ms > 0).sort((a, b) => weight(b) - weight(a))[0]?.call ?? null
}
async function talking(api) {
  const { calls } = await api('/live/calls')
  const order = ['talking', 'waiting', 'bridged', 'screening', 'ringing', 'dialing']
  const long = (card) => card.answered_unix_ms ?? Infinity
  return calls.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || long(a) - long(b))[0]?.call ?? null
}
const at = (start, id, query = '') => (id === null || id === undefined ? null : `${start}/${encodeURIComponent(id)}${query}`)

const LIST = ['phone,name,language,city', '13800138000,王小明,zh,上海', '13900139000,李雷,zh,北京', 'not a number,=HYPERLINK("http://x"),zh,', '13700137000,<img src=x onerror=alert(1)>,zh,广州', '13800138000,王小明,zh,上海'].join('\n')

async function upload(page) {
  await page.setInputFiles('input[type=file]', { name: 'spring-leads.csv', mimeType: 'text/csv', buffer: Buffer.from(LIST) })
  await page.waitForFunction(() => location.hash.includes('step=columns'), undefined, { timeout: 15_000 })
}
async function check(page) {
  await upload(page)
  await page.locator('.row.end button').click()
  await page.waitForFunction(() => location.hash.includes('step=check'), undefined, { timeout: 15_000 })
  await page.locator('.sticky button').first().waitFor({ timeout: 20_000 })
}
const TURNS = { zh: ['你好，你是哪位？', '孩子上三年级，数学不太好', '可以，怎么收费的？', '好的，周六上午吧'], en: ['Hello, who is this?', 'Yes, we are thinking of a new kitchen', 'How much does it cost?', 'Sure, Saturday morning works'] }
async function rehearse(page, { lang }) {
  for (const field of await page.locator('.rehearse .fields input').all()) await field.fill(lang === 'zh' ? '王小明' : 'Brian Cooper')
  await page.locator('.rehearse .start button').first().click()
  await page.locator('.said.robot').first().waitFor({ timeout: 20_000 })
  for (const said of TURNS[lang]) {
    const input = page.locator('.rehearse form input').first()
    if (!(await input.isVisible().catch(() => false)) || !(await input.isEnabled())) break
    await input.fill(said)
    await input.press('Enter')
    await page.waitForTimeout(900)
  }
}

/** Who visits what. `role` null: nobody is logged in. */
export const PAGES = [
  { name: 'login', role: null, path: '/' },
  { name: 'link-used', role: null, path: '/link/nothing', refused: [/\/session\/link$/] },
  { name: 'live', role: 'supervisor', path: '/live', first: true },
  { name: 'live-keys', role: 'supervisor', path: '/live', act: (page) => page.keyboard.press('?') },
  { name: 'live-call', role: 'supervisor', path: async (api) => at('/calls', await talking(api)) },
  { name: 'calls', role: 'supervisor', path: '/calls' },
  { name: 'calls-none', role: 'supervisor', path: '/calls?q=zzzzzzzz' },
  { name: 'call', role: 'supervisor', path: async (api) => at('/calls', await richest(api)), ready: '.player[data-ready=true]' },
  // On a desk the facts stand beside the transcript.
  { name: 'call-facts', role: 'ops', size: 'phone', path: async (api) => at('/calls', await richest(api), '?tab=facts') },
  { name: 'call-review', role: 'supervisor', path: async (api) => at('/calls', await richest(api), '?tab=review') },
  { name: 'call-sip', role: 'ops', path: async (api) => at('/calls', await richest(api), '?tab=sip') },
  { name: 'desk', role: 'agent', path: '/desk' },
  { name: 'desk-agents', role: 'supervisor', path: '/desk?tab=agents' },
  { name: 'campaigns', role: 'ops', path: '/campaigns' },
  { name: 'campaign-new', role: 'ops', path: '/campaigns?new=1' },
  { name: 'campaign', role: 'ops', path: async (api) => at('/campaigns', (await first(api, '/campaigns'))?.id) },
  { name: 'campaign-leads', role: 'ops', path: async (api) => at('/campaigns', (await first(api, '/campaigns'))?.id, '?tab=leads') },
  { name: 'upload', role: 'ops', path: '/lists/upload' },
  { name: 'upload-columns', role: 'ops', path: '/lists/upload', act: upload },
  { name: 'upload-check', role: 'ops', path: '/lists/upload', act: check },
  { name: 'dialplans', role: 'ops', path: '/dialplans' },
  { name: 'dialplan-graph', role: 'ops', path: async (api, lang) => at('/dialplans', await plan(api, lang)), ready: '.svelte-flow__node' },
  { name: 'dialplan-text', role: 'ops', path: async (api, lang) => at('/dialplans', await plan(api, lang), '?tab=text'), ready: '.cm-line' },
  { name: 'dialplan-versions', role: 'ops', path: async (api, lang) => at('/dialplans', await plan(api, lang), '?tab=versions') },
  { name: 'dialplan-suggestions', role: 'ops', path: async (api, lang) => at('/dialplans', await plan(api, lang), '?tab=suggestions') },
  { name: 'rehearse', role: 'ops', path: async (api, lang) => `/rehearse?name=${encodeURIComponent(await plan(api, lang))}` },
  { name: 'rehearse-talk', role: 'ops', path: async (api, lang) => `/rehearse?name=${encodeURIComponent(await plan(api, lang))}`, act: rehearse },
  { name: 'qc', role: 'supervisor', path: '/qc' },
  { name: 'qc-words', role: 'supervisor', path: '/qc?tab=words' },
  { name: 'qc-hits', role: 'supervisor', path: '/qc?tab=hits' },
  { name: 'stats', role: 'supervisor', path: '/stats' },
  { name: 'stats-robot', role: 'supervisor', path: '/stats?tab=robot' },
  { name: 'contacts', role: 'ops', path: '/contacts' },
  { name: 'contact', role: 'ops', path: async (api) => at('/contacts', (await first(api, '/contacts'))?.contact) },
  { name: 'dnc', role: 'ops', path: '/dnc' },
  { name: 'follow-ups', role: 'ops', path: '/follow_ups' },
  { name: 'webhooks', role: 'ops', path: '/webhooks' },
  { name: 'webhook', role: 'ops', path: async (api) => at('/webhooks', (await first(api, '/webhooks'))?.id ?? (await first(api, '/webhooks'))?.hook) },
  { name: 'users', role: 'admin', path: '/users' },
  { name: 'keys', role: 'admin', path: '/keys' },
  { name: 'audit', role: 'admin', path: '/audit' },
  { name: 'audit-verify', role: 'auditor', path: '/audit', act: (page) => page.locator('main header button').first().click() },
  { name: 'tenants', role: 'admin', path: '/tenants' },
  { name: 'me', role: 'agent', path: '/me' },
  { name: 'nowhere', role: 'agent', path: '/no/such/page' },
]

async function plan(api, lang) {
  const answer = await api('/dialplans')
  const rows = answer.items ?? answer
  return (rows.find((row) => row.lang === lang || row.langs?.includes(lang)) ?? rows[0]).name
}

/**
 * A shift at the desk with a real lead: on duty, the offer, in the call, wrap-up; meanwhile the supervisor listens and
 * steers. `see(page, name)` looks at a page and pictures it. The server must have a lead for the agent within two minutes.
 */
export async function shift({ agent, supervisor, see, api }) {
  await agent.goto('/#/desk')
  await agent.locator('main [data-presence]').waitFor()
  if ((await agent.locator('main [data-presence]').getAttribute('data-presence')) === 'offline') await agent.locator('main [data-presence] button').first().click()
  await agent.locator('main [data-presence=ready], main [data-presence=offered]').waitFor({ timeout: 20_000 })
  await see(agent, 'desk-ready')

  // The youngest of those that talk: it lasts long enough.
  const { calls } = await api('/live/calls')
  const call = calls.filter((card) => card.state === 'talking').sort((a, b) => b.answered_unix_ms - a.answered_unix_ms)[0]?.call ?? (await talking(api))
  await supervisor.goto(`/#/calls/${encodeURIComponent(call)}`)
  await supervisor.locator('.call[data-live=true] .panel').waitFor({ timeout: 15_000 })
  await supervisor.keyboard.press('l')
  await supervisor.locator('[data-watching]').waitFor({ timeout: 15_000 })
  const line = supervisor.locator('.steer input')
  if (await line.isEnabled()) {
    await line.fill('Thank you for your patience.')
    await line.press('Enter')
    await supervisor.waitForTimeout(1500)
  }
  await see(supervisor, 'listening')

  await agent.locator('[data-offer]').waitFor({ timeout: 150_000 })
  await agent.waitForTimeout(900)
  await see(agent, 'offer')
  await agent.keyboard.press('a')
  await agent.locator('[data-on-call=true]').waitFor({ timeout: 15_000 })
  await agent.waitForTimeout(2_500)
  await see(agent, 'on-call')
  await supervisor.goto('/#/live')
  await supervisor.waitForTimeout(1500)
  await see(supervisor, 'live-human')
  // The customer may have hung up meanwhile.
  if (await agent.locator('[data-on-call=true]').count()) {
    await agent.locator('.head button').last().click({ timeout: 5_000 })
    await agent.locator('dialog[open] button').last().click({ timeout: 5_000 })
  }
  await agent.locator('[data-on-call=false]').waitFor({ timeout: 15_000 })
  await agent.waitForTimeout(600)
  await see(agent, 'wrap-up')
  await agent.locator('.choices button').first().click()
  await agent.locator('form button[type=submit]').click()
  await agent.locator('main [data-presence]').waitFor({ timeout: 15_000 })
}
