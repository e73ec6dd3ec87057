// Tries the audio line in a real browser against a second peer connection in the same page (fake-line.js):
// who listens sends nothing, who talks is heard, a broken connection is mended. Exit 1 when something does not hold.
//   node mock/line-check.mjs

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const here = dirname(fileURLToPath(import.meta.url))
const server = spawn(process.execPath, [join(here, 'server.mjs'), '--port', '0', '--calls', '80', '--quiet'])
const base = await new Promise((done) => server.stdout.once('data', (text) => done(String(text).trim())))
const profile = await mkdtemp(join(tmpdir(), 'line-'))
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  viewport: { width: 1280, height: 800 },
  permissions: ['microphone'],
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required'],
})
try {
  await context.addCookies([{ name: 'callsmith', value: 'supervisor', url: base }])
  const page = await context.newPage()
  await page.addInitScript({ path: join(here, 'fake-line.js') })
  await page.addInitScript(() => {
    localStorage.setItem('test', '1')
    // Counts the microphones that were opened.
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    window.__mics = 0
    navigator.mediaDevices.getUserMedia = (wish) => (window.__mics++, real(wish))
  })
  await page.goto(`${base}#/live`)
  await page.waitForSelector('.call')
  const line = () => page.evaluate(() => ({ state: window.__callsmith.line.state, use: window.__callsmith.line.use, stats: window.__callsmith.line.stats, local: window.__callsmith.line.local !== null, mics: window.__mics, offers: window.__far.offers, senders: window.__far.lines.length }))
  // Joins the first call that is talking; with --quiet no call ends meanwhile.
  const press = async (key) => page.evaluate((key) => {
    const card = [...document.querySelectorAll('.call')].find((one) => one.dataset.state === 'talking') ?? document.querySelector('.call')
    card.focus()
    card.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
  }, key)
  const until = async (name, holds) => {
    for (let n = 0; n < 150; n++) {
      const now = await line()
      if (holds(now)) return now
      await page.waitForTimeout(100)
    }
    throw new Error(`${name}: ${JSON.stringify(await line(), (key, value) => (key === 'offers' ? value.length : value))}`)
  }

  await press('l')
  const listening = await until('listening', (now) => now.state === 'on' && now.stats.packets_in > 20)
  assert.equal(listening.use, 'hear')
  assert.equal(listening.mics, 0, 'listening opens no microphone')
  assert.equal(listening.local, false)
  assert.equal(listening.stats.packets_out, 0, 'listening sends nothing')
  assert.match(listening.offers[0], /a=recvonly/)
  const codecs = [...listening.offers[0].matchAll(/a=rtpmap:\d+ ([^\r\n]+)/g)].map((found) => found[1])
  assert.deepEqual(codecs, ['PCMU/8000'], 'PCMU and nothing else')
  assert.match(listening.offers[0], /a=candidate/, 'candidates are in the offer')
  assert.equal(await page.locator('[data-watching]').getAttribute('data-mode'), 'listen')
  console.log('listen: hears, sends nothing, no microphone opened, PCMU only')

  await press('b')
  const barging = await until('barging', (now) => now.use === 'talk' && now.state === 'on' && now.stats.packets_out > 20)
  assert.equal(barging.mics, 1)
  assert.match(barging.offers.at(-1), /a=sendrecv/)
  console.log('barge: the microphone is sent, level', barging.stats.out_level)

  await press('l')
  const again = await until('listening again', (now) => now.use === 'hear' && now.state === 'on' && now.stats.packets_in > 10)
  assert.equal(again.local, false, 'the microphone is let go')
  assert.equal(again.stats.packets_out, 0)
  console.log('back to listen: the microphone is let go')

  const offers = again.offers.length
  const began = Date.now()
  await page.evaluate(() => window.__far.lines.at(-1).close())
  const mended = await until('mending', (now) => now.offers.length > offers && now.state === 'on' && now.stats.packets_in > 5)
  assert.equal(mended.use, 'hear')
  console.log(`the far end gone: heard again after ${Date.now() - began} ms`)
} finally {
  await context.close()
  server.kill()
  await rm(profile, { recursive: true, force: true })
}
