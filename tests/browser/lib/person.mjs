// A person at a browser: a Chromium process of its own, because the fake microphone belongs to the process.

import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { PIECE_S, levels, usual } from './tone.mjs'
import { TONES } from './world.mjs'

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--allow-loopback-in-peer-connection',
]
const PATIENCE_MS = 20_000

export class Person {
  accepts = []
  dialogs = []
  errors = []
  refused = []

  static async sitDown(world, name) {
    const person = new Person()
    person.name = name
    person.profile = await mkdtemp(join(world.folder, `${name}-`))
    const microphone = TONES[name] ? [`--use-file-for-fake-audio-capture=${world.microphone(name)}`] : []
    person.context = await chromium.launchPersistentContext(person.profile, {
      executablePath: CHROMIUM,
      headless: true,
      locale: 'en-US',
      viewport: { width: 1280, height: 860 },
      permissions: ['microphone'],
      args: [...ARGS, ...microphone],
    })
    person.page = person.context.pages()[0] ?? (await person.context.newPage())
    person.page.setDefaultTimeout(PATIENCE_MS)
    person.page.on('dialog', (dialog) => (person.dialogs.push(dialog.message()), void dialog.dismiss()))
    person.page.on('pageerror', (why) => person.errors.push(why.message))
    person.page.on('response', (response) => {
      if (response.url().endsWith('/accept')) person.accepts.push(response.status())
      if (response.status() >= 400) person.refused.push(`${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`)
    })
    await person.page.addInitScript(prepare)
    await person.page.addInitScript(`{ const PIECE_S = ${PIECE_S}; ${levels}; window.__usual = ${usual} }`)
    return person
  }

  /** Uses a one-time link and chooses a password with it. */
  async useLink(link, password) {
    await this.page.goto(link)
    const fields = this.page.locator('input[type=password]')
    await fields.nth(1).waitFor()
    await fields.nth(0).fill(password)
    await fields.nth(1).fill(password)
    await this.page.locator('button[type=submit]').click()
    await this.page.locator('nav').first().waitFor()
  }

  async open(hash) {
    await this.page.evaluate((to) => (location.hash = to), hash)
  }

  /** Goes on duty at the desk, with the microphone. */
  async goReady() {
    await this.open('#/desk')
    await this.page.getByRole('button', { name: 'Sign in and take calls' }).click()
    await this.page.locator('section[data-presence=ready]').waitFor()
    await this.line('talk')
  }

  /** Ends the wrap-up: an outcome and a note. */
  async settle(note) {
    const form = this.page.locator('form', { has: this.page.getByRole('radiogroup', { name: 'Outcome' }) })
    await form.getByRole('radiogroup').locator('button').first().click()
    await form.locator('textarea').fill(note)
    await form.locator('button[type=submit]').click()
    await this.page.locator('section[data-presence=ready]').waitFor()
  }

  /** Waits until the audio line stands for this use. */
  async line(use) {
    await this.page.waitForFunction((use) => {
      const { line } = window.__callsmith
      return line.state === 'on' && line.use === use && line.stats.packets_in > 5 && (use === 'hear' || line.stats.packets_out > 5)
    }, use)
  }

  /** Waits for an offer; when it was painted, by the clock. */
  async offered(after = 0) {
    const found = await this.page.waitForFunction((after) => window.__offers.find((offer) => offer.unix >= after), after)
    return found.jsonValue()
  }

  /** Clicks Accept at a moment of the clock; when it was clicked. */
  accept(at = 0) {
    return this.page.evaluate(
      (at) =>
        new Promise((done) =>
          setTimeout(() => {
            document.querySelector('[data-offer] footer button').click()
            done(Date.now())
          }, Math.max(0, at - Date.now())),
        ),
      at,
    )
  }

  /** Who is heard here: the levels over a stretch of sound that begins now. */
  async hears() {
    return this.page.evaluate((tones) => window.__hear(tones), TONES)
  }

  /** What WebRTC itself counts. */
  async counts() {
    return this.page.evaluate(() => {
      const { stats, use, local } = window.__callsmith.line
      return { use, microphone: local !== null, sent: stats.packets_out, received: stats.packets_in, opened: window.__mics, offer: window.__offersSdp.at(-1)?.match(/a=(sendrecv|recvonly|sendonly|inactive)/)?.[1] }
    })
  }

  /** What injected markup would have done here. */
  async harm() {
    const { xss, blocked, marks } = await this.page.evaluate(() => ({ xss: window.__xss ?? null, blocked: window.__blocked, marks: document.querySelectorAll('img[src="x"], script:not([src]), svg[onload]').length }))
    return { xss, blocked, marks, dialogs: this.dialogs }
  }

  /** All processes of this browser, at once and without a word. */
  async kill() {
    const all = await tree(this.profile)
    for (const pid of all) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It went with its parent.
      }
    }
    this.dead = true
    return all.length
  }

  async leave() {
    if (!this.dead) {
      const closed = this.context.close().catch(() => {})
      await Promise.race([closed, new Promise((done) => setTimeout(done, 4_000))])
      if ((await tree(this.profile)).length) await this.kill()
    }
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 }).catch(() => {})
  }
}

/** The browser with this profile, and all that came of it. */
async function tree(profile) {
  const parents = new Map()
  const mine = new Set()
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const pid = Number(entry)
    try {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
      parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
      if ((await readFile(`/proc/${pid}/cmdline`, 'latin1')).includes(profile)) mine.add(pid)
    } catch {
      // It ended while we looked.
    }
  }
  for (let grew = true; grew; ) {
    grew = false
    for (const [pid, parent] of parents) {
      if (mine.has(parent) && !mine.has(pid)) grew = !!mine.add(pid)
    }
  }
  return [...mine]
}

/** Runs in every page before its own scripts. */
function prepare() {
  if (location.protocol === 'about:') return
  localStorage.setItem('test', '1')
  window.__mics = 0
  window.__offers = []
  window.__offersSdp = []
  window.__blocked = []
  addEventListener('securitypolicyviolation', (event) => window.__blocked.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`.trim()))
  // Pure tones are what echo cancellation and noise suppression are there to remove.
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = (wish) => {
    window.__mics++
    const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
    return real({ ...wish, audio: wish.audio && { ...(wish.audio === true ? {} : wish.audio), ...raw } })
  }
  const describe = RTCPeerConnection.prototype.setLocalDescription
  RTCPeerConnection.prototype.setLocalDescription = async function (...args) {
    await describe.apply(this, args)
    window.__offersSdp.push(this.localDescription?.sdp ?? '')
  }
  // When an offer is there to be seen.
  const look = () => {
    const call = document.querySelector('[data-offer]')?.dataset.offer ?? null
    if (call && call !== window.__offering) {
      const offer = { call, unix: Date.now() }
      requestAnimationFrame(() => window.__offers.push({ ...offer, painted: Date.now() }))
    }
    window.__offering = call
  }
  new MutationObserver(look).observe(document, { childList: true, subtree: true })
  // Ears on the line. The last samples of the analyser are what came since `hear` was called.
  let context = null
  let ear = null
  window.__hear = async (tones) => {
    const { remote } = window.__callsmith.line
    if (!remote) throw new Error('there is no sound line')
    context ??= new AudioContext()
    await context.resume()
    if (ear?.remote !== remote) {
      ear?.source.disconnect()
      const source = context.createMediaStreamSource(remote)
      const analyser = context.createAnalyser()
      analyser.fftSize = 32_768
      source.connect(analyser)
      ear = { remote, source, analyser }
    }
    // What is still in the jitter buffer belongs to before.
    const until = context.currentTime + 0.4 + ear.analyser.fftSize / context.sampleRate
    while (context.currentTime < until) await new Promise((done) => setTimeout(done, 50))
    const samples = new Float32Array(ear.analyser.fftSize)
    ear.analyser.getFloatTimeDomainData(samples)
    return window.__usual(samples, context.sampleRate, tones)
  }
}
