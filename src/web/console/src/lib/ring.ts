// The sound of an offer, made here: two soft tones, twice, then a pause.

let context: AudioContext | null = null
let timer: ReturnType<typeof setInterval> | undefined

function tone(at: number, pitch: number, ms: number): void {
  if (!context) return
  const oscillator = context.createOscillator()
  const gain = context.createGain()
  oscillator.type = 'sine'
  oscillator.frequency.value = pitch
  const end = at + ms / 1000
  gain.gain.setValueAtTime(0, at)
  gain.gain.linearRampToValueAtTime(0.16, at + 0.02)
  gain.gain.setValueAtTime(0.16, end - 0.06)
  gain.gain.linearRampToValueAtTime(0, end)
  oscillator.connect(gain).connect(context.destination)
  oscillator.start(at)
  oscillator.stop(end)
}

function once(): void {
  const now = context?.currentTime ?? 0
  for (const start of [0, 0.5]) {
    tone(now + start, 660, 190)
    tone(now + start + 0.2, 880, 220)
  }
}

/** Browsers play only after a click: the sign-in button calls this. */
export function unlock(): void {
  context ??= new AudioContext()
  void context.resume()
}

export function ring(on: boolean): void {
  clearInterval(timer)
  if (!on) return
  unlock()
  once()
  timer = setInterval(once, 2_400)
}

/** One round of it, to hear how it sounds. */
export function sample(): void {
  unlock()
  once()
}
