// People at real browsers on real calls: Chromium with fake microphones, the server, and a simulated carrier over SIP and RTP.
//   npm ci && node run.mjs              everything; exit 1 when something does not hold
//   node run.mjs two markup             only these of: one, two, markup
//   node run.mjs --if-possible          exit 0 with a word when this machine has no Chromium
// CALLSMITH_BIN  the program (target/debug/callsmith)     CHROMIUM  the browser (/usr/bin/chromium)
// KEEP=1 leaves the folder with all recordings            VERBOSE=1 shows the server's log

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const binary = process.env.CALLSMITH_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug', 'callsmith')
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'
const playwright = existsSync(join(dirname(fileURLToPath(import.meta.url)), 'node_modules', 'playwright-core'))
const missing = [
  [existsSync(chromium), `no Chromium at ${chromium}: apt install chromium, or name one by CHROMIUM`],
  [existsSync(binary), `no program at ${binary}: cargo build, or name one by CALLSMITH_BIN`],
  [playwright, 'playwright-core is missing: npm ci in tests/browser'],
].filter(([there]) => !there)
if (missing.length) {
  const must = !process.argv.includes('--if-possible')
  for (const [, word] of missing) console.log(`${must ? 'error' : 'skipped'}: ${word}`)
  process.exit(must ? 1 : 0)
}

const { World } = await import('./lib/world.mjs')
const { Report } = await import('./lib/report.mjs')
const { prepare } = await import('./lib/stage.mjs')
const { oneCall } = await import('./checks/one.mjs')
const { raceAndKill } = await import('./checks/two.mjs')
const { markup } = await import('./checks/markup.mjs')

const parts = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const wanted = (part) => parts.length === 0 || parts.includes(part)
const LONGEST_MS = 240_000
const began = Date.now()
const report = new Report()
let world
let stopping
const stop = () =>
  (stopping ??= (async () => {
    await Promise.all(Object.values(world?.people ?? {}).map((person) => person.leave()))
    await world?.stop()
  })())
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop().then(() => process.exit(130)))
const watchdog = setTimeout(() => {
  console.error(`not over within ${LONGEST_MS / 1000} s`)
  void stop().then(() => process.exit(1))
}, LONGEST_MS)

/** What everybody saw when it went wrong. */
async function show() {
  for (const person of Object.values(world?.people ?? {})) {
    if (!process.env.KEEP || person.dead) continue
    await person.page.screenshot({ path: join(world.folder, `${person.name}.png`) }).catch(() => {})
    console.error(person.name, person.errors, person.refused, await person.page.evaluate(() => [location.hash, window.__callsmith?.line.state, String(window.__callsmith?.line.trouble), window.__blocked]).catch(String))
  }
}

try {
  world = await World.start(binary)
  const stage = await prepare(world)
  console.log(`server, carrier and four browsers are up after ${Date.now() - began} ms`)
  const calls = []
  if (wanted('one')) calls.push(await oneCall(world, stage, report))
  if (wanted('two')) calls.push(await raceAndKill(world, stage, report, calls.length > 0))
  if (wanted('markup')) await markup(world, stage, calls, report)
} catch (why) {
  await report.check('the run', async () => {
    throw why
  })
  console.error(why.stack)
  await show()
} finally {
  await stop()
  clearTimeout(watchdog)
}
report.print(Date.now() - began)
process.exit(report.ok ? 0 : 1)
