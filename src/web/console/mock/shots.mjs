// Pictures of pages for looking at, with the mock server: both languages, dark and light, desk and phone.
//   node mock/shots.mjs --base http://127.0.0.1:8787 --role admin --page /live [--page /calls/x] [--lang zh,en] [--theme light,dark]
//                       [--size desk,phone] [--wait 1200] [--do 'js'] [--out shots]

import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'

const { values: options } = parseArgs({
  options: {
    base: { type: 'string', default: 'http://127.0.0.1:8787' },
    role: { type: 'string', default: 'admin' },
    page: { type: 'string', multiple: true, default: ['/live'] },
    lang: { type: 'string', default: 'zh,en' },
    theme: { type: 'string', default: 'light,dark' },
    size: { type: 'string', default: 'desk,phone' },
    wait: { type: 'string', default: '1200' },
    do: { type: 'string', default: '' },
    out: { type: 'string', default: 'shots' },
    name: { type: 'string', default: '' },
    browser: { type: 'string', default: '/usr/bin/chromium' },
  },
})
const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 375, height: 780 }, laptop: { width: 1180, height: 720 } }
mkdirSync(options.out, { recursive: true })
const profile = await mkdtemp(join(tmpdir(), 'shots-'))
let failed = false

for (const size of options.size.split(',')) {
  const context = await chromium.launchPersistentContext(join(profile, size), {
    executablePath: options.browser,
    headless: true,
    viewport: SIZES[size],
    deviceScaleFactor: size === 'phone' ? 2 : 1,
    hasTouch: size === 'phone',
    permissions: ['microphone'],
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required'],
  })
  const page = await context.newPage()
  await page.addInitScript({ path: new URL('./fake-line.js', import.meta.url).pathname })
  page.on('console', (message) => {
    // The first question "who am I" is answered 401 before a log-in; the rest matters.
    if (message.type() !== 'error' || /status of 40[14]/.test(message.text())) return
    failed = true
    console.log(`${size}: ${message.text()}`)
  })
  page.on('pageerror', (why) => {
    failed = true
    console.log(`${size}: ${why.stack}`)
  })
  for (const theme of options.theme.split(',')) {
    for (const lang of options.lang.split(',')) {
      for (const path of options.page) {
        await page.goto('about:blank')
        await page.emulateMedia({ colorScheme: theme })
        await page.goto(`${options.base}/icon.svg`)
        await page.evaluate(({ lang }) => localStorage.setItem('callsmith.lang', lang), { lang })
        if (options.role !== 'none') await context.addCookies([{ name: 'callsmith', value: options.role, url: options.base }])
        await page.goto(`${options.base}/#${path}`)
        await page.waitForTimeout(Number(options.wait))
        if (options.do) {
          await page.evaluate(options.do)
          await page.waitForTimeout(700)
        }
        const name = (options.name || path.replace(/^\//, '').replace(/[^\w]+/g, '-') || 'root') + `-${lang}-${theme}-${size}.png`
        await page.screenshot({ path: join(options.out, name) })
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        console.log(`${name}${wide > 0 ? `  TOO WIDE by ${wide} px` : ''}`)
      }
    }
  }
  await context.close()
}
await rm(profile, { recursive: true, force: true })
process.exit(failed ? 1 : 0)
