// What the callee's recording tells, by the clock.

import { levels, usual } from './tone.mjs'
import { TONES } from './world.mjs'
import { SOUND_DB } from './report.mjs'

const STEP_MS = 20

export function level(callee, from, to) {
  return usual(callee.cut(from, to), callee.rate, TONES)
}

/** The recording in steps of 20 ms: who is in each, and whether a voice is. Short steps part only tones far from each other. */
function* steps(callee, from) {
  const end = callee.began + (callee.samples.length / callee.rate) * 1000
  for (let at = from; at + STEP_MS <= end; at += STEP_MS) {
    const piece = callee.cut(at, at + STEP_MS)
    if (piece.length) yield { at, ...levels(piece, callee.rate, TONES) }
  }
}

/** When a tone is first heard after a moment. */
export function firstSound(callee, name, from) {
  for (const step of steps(callee, from)) if (step[name] > SOUND_DB + 5) return step.at
  return null
}

/** From a human's last sound to the robot's first voice after it. */
export function gap(callee, name, from) {
  let last = null
  for (const step of steps(callee, from)) {
    if (step[name] > SOUND_DB + 5 && step.rest < step[name]) last = step.at + STEP_MS
    else if (last !== null && step.rest > SOUND_DB) return { last, robot: step.at, ms: step.at - last }
  }
  return { last, robot: null, ms: null }
}
