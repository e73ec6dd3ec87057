// Measures the console against the mock: what is fetched and painted first, the wall's frames and CPU, the sizes built.
//   node mock/measure.mjs [--calls 1000] [--seconds 15]

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { chromium } from 'playwright-core'

const here = dirname(fileURLToPath(import.meta.url))
const { values: options } = parseArgs({ options: { calls: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '15' }, browser: { type: 'string', default: '/usr/bin/chromium' } } })
const seconds = Number(options.seconds)

const server = spawn(process.execPath, [join(here, 'server.mjs'), '--port', '0', '--calls', options.calls])
const base = await new Promise((done) => server.stdout.once('data', (text) => done(String(text).trim())))
const profile = await mkdtemp(join(tmpdir(), 'measure-'))
const context = await chromium.launchPersistentContext(profile, {
  executablePath: options.browser,
  headless: true,
  viewport: { width: 1440, height: 900 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
try {
  await context.addCookies([{ name: 'callsmith', value: 'admin', url: base }])
  const page = await context.newPage()
  const fetched = []
  page.on('response', async (response) => {
    const path = new URL(response.url()).pathname
    if (path.startsWith('/api')) return
    const body = await response.body().catch(() => Buffer.alloc(0))
    fetched.push({ path, raw: body.length, gzip: gzipSync(body).length })
  })
  await page.goto(`${base}#/live`)
  await page.waitForSelector('.call')
  const paint = await page.evaluate(() => ({ ...Object.fromEntries(performance.getEntriesByType('paint').map((entry) => [entry.name, Math.round(entry.startTime)])), cards_ms: Math.round(performance.now()) }))
  const first = { ...paint, files: fetched.length, raw: fetched.reduce((sum, file) => sum + file.raw, 0), gzip: fetched.reduce((sum, file) => sum + file.gzip, 0) }

  const session = await context.newCDPSession(page)
  // CPU time of the page's thread, not the time that passes: other work on the machine does not count.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const metrics = async () => Object.fromEntries((await session.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]))
  const watch = async (scroll) => {
    await page.waitForTimeout(2000)
    const before = await metrics()
    const frames = await page.evaluate(
      ({ seconds, scroll }) =>
        new Promise((done) => {
          const port = document.querySelector('[role=list]')
          const gaps = []
          const long = []
          const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => Math.round(entry.duration))))
          observer.observe({ entryTypes: ['longtask'] })
          let last = performance.now()
          const end = last + seconds * 1000
          const step = (now) => {
            gaps.push(now - last)
            last = now
            if (scroll) port.scrollTop += 24
            if (scroll && port.scrollTop + port.clientHeight >= port.scrollHeight - 30) port.scrollTop = 0
            if (now < end) requestAnimationFrame(step)
            else {
              observer.disconnect()
              gaps.sort((a, b) => a - b)
              done({ fps: Math.round(gaps.length / seconds), p95_ms: Math.round(gaps[Math.floor(gaps.length * 0.95)]), worst_ms: Math.round(gaps.at(-1)), long_tasks: long.length, longest_ms: Math.max(0, ...long), cards_in_document: document.querySelectorAll('.call').length })
            }
          }
          requestAnimationFrame(step)
        }),
      { seconds, scroll },
    )
    const after = await metrics()
    const share = (name) => `${Math.round(((after[name] - before[name]) / seconds) * 100)} %`
    return { ...frames, main_thread: share('TaskDuration'), script: share('ScriptDuration'), style_layout: `${Math.round(((after.RecalcStyleDuration + after.LayoutDuration - before.RecalcStyleDuration - before.LayoutDuration) / seconds) * 100)} %`, heap_mb: Math.round(after.JSHeapUsedSize / 1e6), nodes: after.Nodes }
  }
  console.log('first load', first)
  console.log(`wall, ${options.calls} calls, at rest`, await watch(false))
  console.log(`wall, ${options.calls} calls, scrolling`, await watch(true))
} finally {
  await context.close()
  server.kill()
  await rm(profile, { recursive: true, force: true })
}
const assets = join(here, '..', 'dist', 'assets')
const sizes = readdirSync(assets).map((name) => ({ name, raw: readFileSync(join(assets, name)).length, gzip: gzipSync(readFileSync(join(assets, name))).length }))
console.log('all of dist/assets', { files: sizes.length, raw: sizes.reduce((sum, file) => sum + file.raw, 0), gzip: sizes.reduce((sum, file) => sum + file.gzip, 0) })
