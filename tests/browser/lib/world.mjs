// The world of the test: a simulated carrier with callees who press 0 and then hum, and the server that calls them.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readWav, writeTone } from './tone.mjs'

/** Everybody's tone, Hz. No sum or harmonic of two of them is a third one's: telephone codecs make such by themselves. */
export const TONES = { callee: 810, ann: 1330, bob: 1730, sue: 2270 }
const TONE_DB = -20
const START_MS = 90_000

export class World {
  processes = []
  answered = new Map()

  static async start(binary) {
    const world = new World()
    world.folder = await mkdtemp(join(tmpdir(), 'callsmith-browser-'))
    try {
      await world.#build(binary)
    } catch (why) {
      await world.stop()
      throw why
    }
    return world
  }

  async #build(binary) {
    for (const name of ['ann', 'bob', 'sue']) await writeTone(this.microphone(name), { hz: TONES[name], rate: 48_000, seconds: 10, db: TONE_DB })
    await this.#carrier(binary)
    await this.#server(binary)
  }

  /** The WAV that a person's browser takes for the microphone. */
  microphone = (name) => join(this.folder, `${name}.wav`)

  /** The n-th callee's number, from 1. */
  number = (n) => `+861380013${String(8000 + n)}`

  async #carrier(binary) {
    await mkdir(join(this.folder, 'heard'))
    const script = [
      { act: 'wait_robot', min_speech_ms: 1500, quiet_ms: 500, max_ms: 20_000 },
      { act: 'dtmf', digits: '0' },
      { act: 'tone', hz: TONES.callee, ms: 170_000, level_db: TONE_DB },
    ]
    const callees = [1, 2].map((n) => ({ number: this.number(n), answer: { kind: 'ring', ms: 300 }, script, record: `heard/${n}.wav` }))
    const path = join(this.folder, 'scenario.json')
    await writeFile(path, JSON.stringify({ sip: '127.0.0.1:0', callees, report: 'wire.json' }))
    this.carrier = this.#spawn('carrier', binary, ['far-end', path], 'pipe')
    const lines = createInterface({ input: this.carrier.stdout })
    const ready = await first(this.carrier, lines, (line) => JSON.parse(line), 'the carrier')
    this.sip = ready.sip
    this.wire = []
    lines.on('line', (line) => {
      const event = { ...JSON.parse(line), unix: Date.now() }
      this.wire.push(event)
      this.onwire?.()
    })
  }

  async #server(binary) {
    const trunk = join(this.folder, 'trunk.toml')
    await writeFile(trunk, `name = "far"\nhost = "${this.sip}"\ntransport = "udp"\ncaller_ids = ["02155550100"]\ncalls_per_second = 5\nchannels = 10\n`)
    // A range of its own for each run, so that two runs on one machine do not meet.
    const low = 22_000 + (process.pid % 300) * 40
    const args = ['serve', '--data', join(this.folder, 'data'), '--listen', '127.0.0.1:0', '--trunk', trunk, '--bind', '127.0.0.1:0', '--media-ip', '127.0.0.1', '--rtp-ports', `${low}-${low + 39}`]
    this.server = this.#spawn('server', binary, args, 'ignore')
    const lines = createInterface({ input: this.server.stdout })
    this.link = await first(this.server, lines, (line) => /(http:\S+#\/link\/\S+)/.exec(line)?.[1], 'the server')
    this.base = new URL(this.link).origin
    lines.resume()
  }

  #spawn(name, binary, args, stdin) {
    const child = spawn(binary, args, { stdio: [stdin, 'pipe', 'pipe'] })
    child.log = []
    createInterface({ input: child.stderr }).on('line', (line) => {
      child.log.push(line)
      if (process.env.VERBOSE) console.error(`${name}: ${line}`)
    })
    child.on('error', (why) => child.log.push(String(why)))
    this.processes.push(child)
    return child
  }

  /** The carrier's event of a callee: `answered` or `ended`. */
  async wired(event, number, within = 30_000) {
    const find = () => this.wire.find((one) => one.event === event && one.number === number)
    const late = Date.now() + within
    while (!find()) {
      if (Date.now() > late) throw new Error(`no ${event} of ${number} within ${within} ms`)
      await new Promise((done) => {
        const timer = setTimeout(done, 500)
        this.onwire = () => (clearTimeout(timer), done())
      })
    }
    return find()
  }

  /** What the n-th callee heard, cut by the clock; call it when the call is over. */
  async heard(n) {
    const number = this.number(n)
    await this.wired('ended', number)
    const began = (await this.wired('answered', number)).unix
    // The event comes before the file is whole; its length is written last.
    for (let tries = 0; ; tries++) {
      try {
        const { rate, samples } = await readWav(join(this.folder, 'heard', `${n}.wav`))
        if (samples.length === 0) throw new Error(`the recording of callee ${n} is empty`)
        const index = (unix) => Math.max(0, Math.round(((unix - began) * rate) / 1000))
        return { rate, samples, began, cut: (from, to) => samples.subarray(index(from), index(to)) }
      } catch (why) {
        if (tries > 100) throw why
        await new Promise((done) => setTimeout(done, 50))
      }
    }
  }

  async stop() {
    for (const child of this.processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const over = once(child, 'exit')
      child.stdin?.end()
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 4_000)
      await over
      clearTimeout(timer)
    }
    if (process.env.KEEP) console.error(`kept: ${this.folder}`)
    else await rm(this.folder, { recursive: true, force: true })
  }
}

/** The first line that says what is looked for. */
function first(child, lines, look, name) {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`${name} did not start within ${START_MS} ms`)), START_MS)
    const over = () => {
      clearTimeout(timer)
      lines.off('line', line)
      child.off('exit', gone)
    }
    const line = (text) => {
      const found = look(text)
      if (found) (over(), done(found))
    }
    const gone = () => (over(), fail(new Error(`${name} ended at once:\n${child.log.join('\n')}`)))
    lines.on('line', line)
    child.on('exit', gone)
  })
}
