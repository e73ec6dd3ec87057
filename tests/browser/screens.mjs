// Sees every page of the console against a running server, by every role, in both languages, light and dark, on a desk
// and on a phone: pictures for people to look at, and what no page may do is told, exit code 1.
//   callsmith demo --keep > demo.txt &
//   node screens.mjs --demo demo.txt [OUT = target/screens]   (--page live,call --role ops --lang zh --theme dark --size phone)
//   --sessions FILE keeps the log-ins for the next run: a link serves once

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { PAGES, shift } from './pages.mjs'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    demo: { type: 'string' },
    base: { type: 'string' },
    sessions: { type: 'string' },
    page: { type: 'string', default: '' },
    role: { type: 'string', default: '' },
    lang: { type: 'string', default: 'zh,en' },
    theme: { type: 'string', default: 'light,dark' },
    size: { type: 'string', default: 'desk,phone' },
    roles: { type: 'string', default: 'yes' },
    shift: { type: 'string', default: 'yes' },
    browser: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' },
  },
})
const out = positionals[0] ?? 'target/screens'
const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }
const chosen = (list) => list.split(',').filter(Boolean)
const demo = options.demo ? readFileSync(options.demo, 'utf8') : ''
const links = [...demo.matchAll(/^\s+(\w+)\s+(http\S+\/#\/link\/\S+)/gm)].map(([, role, url]) => ({ role, url }))
const base = (options.base ?? links[0]?.url.split('/#')[0] ?? '').replace(/\/$/, '')
if (!base) throw new Error('name the server: --demo FILE with what `callsmith demo --keep` printed, or --base URL with --sessions FILE')
mkdirSync(out, { recursive: true })

const wrong = []
const tell = (where, what) => {
  wrong.push(`${where}: ${what}`)
  console.log(`  ! ${where}: ${what}`)
}
const browser = await chromium.launch({
  executablePath: options.browser,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required'],
})

/** A window of its own; `watch` names what is wrong in it. */
async function open({ lang, size = 'desk', theme = 'light', state }) {
  const context = await browser.newContext({
    baseURL: base,
    viewport: SIZES[size],
    deviceScaleFactor: size === 'phone' ? 2 : 1,
    isMobile: size === 'phone',
    hasTouch: size === 'phone',
    colorScheme: theme,
    locale: lang === 'zh' ? 'zh-CN' : 'en-GB',
    permissions: ['microphone'],
    storageState: state,
  })
  await context.addInitScript((lang) => {
    if (location.protocol === 'about:') return
    localStorage.setItem('callsmith.lang', lang)
    addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`))
  }, lang)
  const page = await context.newPage()
  const watch = { where: '', refused: [], seen: new Set() }
  const once = (what) => {
    if (watch.seen.has(watch.where + what)) return
    watch.seen.add(watch.where + what)
    tell(watch.where, what)
  }
  page.on('console', (message) => {
    // A refusal is told below with its address and the server's words.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) once(`console: ${message.text().slice(0, 300)}`)
  })
  page.on('pageerror', (why) => once(`page error: ${(why.stack ?? String(why)).slice(0, 400)}`))
  page.on('response', async (answer) => {
    const path = new URL(answer.url()).pathname
    // Whoever is not logged in asks who he is.
    if (answer.status() < 400 || (path.endsWith('/session') && answer.status() === 401)) return
    if (watch.refused.some((known) => known.test(path))) return
    const where = watch.where
    const words = await answer.text().catch(() => '')
    const what = `${answer.request().method()} ${path} answers ${answer.status()} ${words.slice(0, 200)}`
    if (!watch.seen.has(where + what)) tell(where, what)
    watch.seen.add(where + what)
  })
  return { context, page, watch }
}

// ---- logging in: each link serves once, the cookie is kept

const sessions = options.sessions && existsSync(options.sessions) ? JSON.parse(readFileSync(options.sessions, 'utf8')) : {}
const people = []
for (const { role, url } of links) {
  const name = people.includes(role) ? `${role}2` : role
  people.push(name)
  if (sessions[name]) continue
  const { context, page, watch } = await open({ lang: 'en' })
  watch.where = `log-in ${name}`
  try {
    await page.goto(url)
    await page.locator('aside nav a, nav a').first().waitFor({ state: 'attached', timeout: 20_000 })
    if (page.url().includes('/link/')) tell(watch.where, 'the token stays in the address')
    sessions[name] = await context.storageState()
  } catch (why) {
    tell(watch.where, String(why).split('\n')[0])
  }
  await context.close()
}
if (people.length === 0) people.push(...Object.keys(sessions))
if (options.sessions) writeFileSync(options.sessions, JSON.stringify(sessions))

/** Asks the server as this person; for finding what there is to look at. */
const asker = (context) => async (path) => {
  const answer = await context.request.get(`${base}/api/v1${path}`)
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${(await answer.text()).slice(0, 200)}`)
  return answer.json()
}

/** Everything asked for is there: no skeletons, no spinners, fonts and pictures loaded. */
async function settle(page, ready) {
  if (ready) await page.locator(ready).first().waitFor({ timeout: 15_000 })
  await page.waitForFunction(() => document.querySelector('main, form') && !document.querySelector('main [role=status] > i, [aria-busy=true]'), undefined, { timeout: 15_000 })
  await page.waitForTimeout(350)
}

/** What a page looks like that is broken without an error. */
const faults = (own) => {
  const found = []
  const wide = document.documentElement.scrollWidth - innerWidth
  const main = document.querySelector('main')
  if (wide > 0) found.push(`wider than the window by ${wide} px`)
  else if (main && main.scrollWidth > main.clientWidth + 1) found.push(`the page is wider than its place by ${main.scrollWidth - main.clientWidth} px`)
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim()
    const parent = node.parentElement
    if (!text || !parent?.checkVisibility() || parent.closest('pre, code, .mono, .cm-editor, script, style, [data-said], [data-raw], .svelte-flow')) continue
    if (/(^|\s)(undefined|NaN|null|\[object Object\]|Invalid Date|Infinity)(\s|$|%)/.test(text)) found.push(`shows "${text.slice(0, 60)}"`)
    if (/\{\w+(\|[^}]*)?\}/.test(text)) found.push(`an unfilled word: "${text.slice(0, 60)}"`)
    if (/^[a-z]+(_[a-z0-9]+)+$/.test(text) && !own.includes(text)) found.push(`untranslated: "${text}" in ${parent.tagName.toLowerCase()}.${String(parent.className).replace(/ ?svelte-\w+/g, '')}`)
  }
  for (const element of document.querySelectorAll('button, a[href], input, select, textarea')) {
    if (!element.checkVisibility() || element.closest('[aria-hidden=true], .cm-editor, .svelte-flow')) continue
    const name = element.getAttribute('aria-label') || element.getAttribute('title') || element.textContent.trim() || element.labels?.[0]?.textContent || element.getAttribute('placeholder') || element.getAttribute('aria-labelledby') || element.querySelector('[aria-label], title')
    if (!name) found.push(`no name for readers: ${element.outerHTML.slice(0, 120)}`)
  }
  return [...new Set(found)]
}

/** Walks by Tab: what is focused must be seen. */
async function focus(page, where) {
  for (let n = 0; n < 14; n++) {
    await page.keyboard.press('Tab')
    const hidden = await page.evaluate(() => {
      const element = document.activeElement
      if (!element || element === document.body) return null
      const marked = (one) => {
        const style = getComputedStyle(one)
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none'
      }
      const box = element.getBoundingClientRect()
      if (marked(element) || (element.parentElement && marked(element.parentElement)) || box.width === 0) return null
      return element.outerHTML.slice(0, 120)
    })
    if (hidden) tell(where, `focus is not seen on ${hidden}`)
  }
}

/** Names that dialplans give to steps, tags and slots: shown as their authors wrote them. */
async function authored() {
  const context = await browser.newContext({ storageState: sessions.ops ?? sessions.admin })
  const ask = asker(context)
  const answer = await ask('/dialplans')
  const texts = await Promise.all((answer.items ?? answer).map(async ({ name }) => (await ask(`/dialplans/${encodeURIComponent(name)}`)).text))
  await context.close()
  return [...new Set(texts.join('\n').match(/[a-z]+(_[a-z0-9]+)+/g) ?? [])]
}
const own = await authored()

const only = chosen(options.page)
const wanted = PAGES.filter((one) => only.length === 0 || only.includes(one.name))
const paints = []

/** One page for one person in one language and size; both themes from one load. */
async function visit(window, person, spec, lang, size, themes, picture) {
  const { context, page, watch } = window
  watch.where = [spec.name, person ?? 'nobody', lang, size].join(' ')
  watch.refused = spec.refused ?? []
  try {
    const path = typeof spec.path === 'function' ? await spec.path(asker(context), lang) : spec.path
    if (path === null) {
      console.log(`  - ${watch.where}: nothing to show`)
      return
    }
    await page.goto('about:blank')
    await page.emulateMedia({ colorScheme: themes[0] })
    await page.goto(`${base}/#${path}`)
    await settle(page, spec.act ? undefined : spec.ready)
    if (spec.act) {
      await spec.act(page, { lang, size, context })
      await settle(page, spec.ready)
    }
    for (const fault of await page.evaluate(faults, own)) tell(watch.where, fault)
    if (spec.first) {
      const paint = await page.evaluate(() => Object.fromEntries(performance.getEntriesByType('paint').map((entry) => [entry.name, Math.round(entry.startTime)])))
      paints.push({ where: watch.where, ...paint })
    }
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme })
      await page.waitForTimeout(250)
      if (picture) await page.screenshot({ path: join(out, `${spec.name}-${lang}-${theme}-${size}.png`) })
    }
    if (picture && size === 'desk' && lang === 'en') await focus(page, watch.where)
  } catch (why) {
    tell(watch.where, String(why).split('\n').slice(0, 3).join(' '))
    if (picture) await page.screenshot({ path: join(out, `${spec.name}-${lang}-${themes[0]}-${size}.png`) }).catch(() => {})
  }
}

// ---- pictures: each page by the person it is made for

const began = Date.now()
for (const size of chosen(options.size)) {
  for (const lang of chosen(options.lang)) {
    for (const person of [null, ...people]) {
      const mine = wanted.filter((spec) => spec.role === person && (spec.size ?? size) === size && (!options.role || options.role.split(',').includes(String(person))))
      if (mine.length === 0) continue
      const window = await open({ lang, size, state: person ? sessions[person] : undefined })
      for (const spec of mine) await visit(window, person, spec, lang, size, chosen(options.theme), true)
      await window.context.close()
      console.log(`${person ?? 'nobody'} ${lang} ${size}: ${mine.length} pages, ${Math.round((Date.now() - began) / 1000)} s`)
    }
  }
}

// ---- every page of every role's menu, in one language

if (options.roles === 'yes' && only.length === 0) {
  for (const person of people) {
    if (options.role && !options.role.split(',').includes(person)) continue
    const window = await open({ lang: 'en', state: sessions[person] })
    await window.page.goto(`${base}/#/me`)
    await window.page.locator('aside nav a').first().waitFor()
    const menu = await window.page.locator('aside nav a').evaluateAll((links) => links.map((link) => link.getAttribute('href').slice(1)))
    for (const path of menu) await visit(window, person, { name: `menu${path}`, path }, 'en', 'desk', ['light'], false)
    console.log(`${person}: menu ${menu.join(' ')}`)
    await window.context.close()
  }
}
// ---- an agent at work and the supervisor beside him

if (options.shift === 'yes' && (only.length === 0 || only.includes('shift')) && sessions.agent && sessions.supervisor) {
  const agent = await open({ lang: chosen(options.lang)[0], state: sessions.agent })
  const supervisor = await open({ lang: chosen(options.lang)[0], state: sessions.supervisor })
  const lang = chosen(options.lang)[0]
  agent.watch.where = supervisor.watch.where = `shift ${lang}`
  const see = async (page, name) => {
    const { watch } = page === agent.page ? agent : supervisor
    watch.where = `${name} ${lang}`
    for (const fault of await page.evaluate(faults, own)) tell(watch.where, fault)
    for (const theme of chosen(options.theme)) {
      await page.emulateMedia({ colorScheme: theme })
      await page.waitForTimeout(250)
      await page.screenshot({ path: join(out, `${name}-${lang}-${theme}-desk.png`) })
    }
  }
  try {
    await shift({ agent: agent.page, supervisor: supervisor.page, see, api: asker(supervisor.context) })
  } catch (why) {
    tell(`shift ${agent.watch.where}`, String(why).split('\n').slice(0, 3).join(' '))
    await agent.page.screenshot({ path: join(out, 'shift-agent.png') }).catch(() => {})
    await supervisor.page.screenshot({ path: join(out, 'shift-supervisor.png') }).catch(() => {})
  }
  await agent.context.close()
  await supervisor.context.close()
}
await browser.close()
for (const paint of paints) console.log('paint', paint)
if (wrong.length > 0) {
  console.log(`\n${wrong.length} wrong:\n${[...new Set(wrong)].join('\n')}`)
  process.exit(1)
}
console.log(`\nnothing wrong; pictures in ${out}`)
