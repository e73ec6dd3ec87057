// Tones: made, written as WAV, and found again in what somebody heard.

import { readFile, writeFile } from 'node:fs/promises'

/** A sine as 16-bit mono WAV; `db` is its RMS in dBFS. Both ends meet, so that a player that repeats it makes no click. */
export async function writeTone(path, { hz, rate, seconds, db }) {
  const whole = Math.floor((hz * seconds)) / hz
  const count = Math.round(whole * rate)
  const peak = 32767 * 10 ** (db / 20) * Math.SQRT2
  const bytes = Buffer.alloc(44 + count * 2)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(36 + count * 2, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(rate, 24)
  bytes.writeUInt32LE(rate * 2, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(count * 2, 40)
  for (let n = 0; n < count; n++) bytes.writeInt16LE(Math.round(peak * Math.sin((2 * Math.PI * hz * n) / rate)), 44 + n * 2)
  await writeFile(path, bytes)
}

/** The samples (−1 to 1) and the rate of a 16-bit mono WAV. */
export async function readWav(path) {
  const bytes = await readFile(path)
  const rate = bytes.readUInt32LE(24)
  let at = 12
  while (bytes.toString('latin1', at, at + 4) !== 'data') at += 8 + bytes.readUInt32LE(at + 4)
  const count = Math.min(bytes.readUInt32LE(at + 4), bytes.length - at - 8) >> 1
  const samples = new Float32Array(count)
  for (let n = 0; n < count; n++) samples[n] = bytes.readInt16LE(at + 8 + n * 2) / 32768
  return { rate, samples }
}

export const PIECE_S = 0.2

/** The middle level over pieces of 200 ms, so that one lost packet or the seam of a repeated file is not taken for a change. */
export function usual(samples, rate, tones) {
  const size = Math.round(PIECE_S * rate)
  const pieces = []
  for (let at = 0; at + size <= samples.length; at += size >> 1) pieces.push(levels(samples.subarray(at, at + size), rate, tones))
  if (!pieces.length) throw new Error(`${samples.length} samples are too few to hear anything`)
  const middle = (all) => all.sort((a, b) => a - b)[all.length >> 1]
  return Object.fromEntries(Object.keys(pieces[0]).map((name) => [name, middle(pieces.map((piece) => piece[name]))]))
}

/**
 * The level of each tone, and of all that is none of them (`rest`: a voice), in dBFS. Runs here and inside pages, so it
 * uses nothing from outside. Goertzel under a Hann window: a strong tone does not hide or feign one 100 Hz away.
 */
export function levels(samples, rate, tones) {
  const db = (power) => Math.round(10 * Math.log10(power + 1e-12) * 10) / 10
  const size = samples.length
  let total = 0
  let weight = 0
  const windowed = new Float64Array(size)
  for (let n = 0; n < size; n++) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size)
    windowed[n] = samples[n] * hann
    total += windowed[n] * windowed[n]
    weight += hann * hann
  }
  const heard = {}
  let rest = total / weight
  for (const [name, hz] of Object.entries(tones)) {
    const turn = 2 * Math.cos((2 * Math.PI * hz) / rate)
    let one = 0
    let two = 0
    for (let n = 0; n < size; n++) {
      const next = windowed[n] + turn * one - two
      two = one
      one = next
    }
    const power = (2 * (one * one + two * two - turn * one * two)) / (size / 2) ** 2
    heard[name] = db(power)
    rest -= power
  }
  heard.rest = db(Math.max(0, rest))
  return heard
}
