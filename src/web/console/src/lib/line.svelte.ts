// The browser's audio line to the server: WebRTC, PCMU, one per user. A new one replaces the old and the call goes on in it.
//
// 'hear': one recvonly transceiver, no microphone is opened and no track exists that could be sent.
// 'talk': the microphone is sent, the call is heard.

import { api, address, ApiError } from './api'
import { session } from './session.svelte'

export type LineUse = 'hear' | 'talk'
export type LineState =
  | 'off'
  /** the browser asks for the microphone, or the connection is being made */
  | 'opening'
  | 'on'
  /** broken; it is being made again */
  | 'mending'
  /** the microphone was refused or is missing: a person must act */
  | 'no_mic'
  | 'failed'

export type LineStats = { in_level: number; out_level: number; packets_in: number; packets_out: number; lost: number; jitter_ms: number; rtt_ms: number | null }

const NOTHING: LineStats = { in_level: 0, out_level: 0, packets_in: 0, packets_out: 0, lost: 0, jitter_ms: 0, rtt_ms: null }
/** Host candidates are all that is needed, and they come at once. */
const GATHER_MS = 1_500
/** How long a connection may be "disconnected" before a new one is made. */
const PATIENCE_MS = 1_200
const STATS_MS = 200
/** The far end is gone when neither sound nor an answer to a connectivity check came for so long; browsers notice after 5 to 10 s. */
const DEAF_MS = 3_500
/** How long after our end the server's end of a connection may stand. */
const SERVER_MS = 3_000
const MIC = 'callsmith.mic'

export class Line {
  state = $state<LineState>('off')
  use = $state<LineUse | null>(null)
  muted = $state(false)
  stats = $state.raw<LineStats>(NOTHING)
  /** the browser wants a click before it plays sound */
  silent = $state(false)
  trouble = $state.raw<unknown>(null)
  id = $state<string | null>(null)
  mic = $state<string | null>(localStorage.getItem(MIC))

  #peer: RTCPeerConnection | null = null
  #local: MediaStream | null = null
  #sound: HTMLAudioElement | null = null
  #turn = 0
  #retries = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #statsTimer: ReturnType<typeof setInterval> | undefined
  #alive = { packets: 0, answers: 0, at: 0 }

  constructor() {
    addEventListener('pagehide', this.#leave)
    addEventListener('online', () => this.state === 'mending' && void this.#connect())
    const network = (navigator as { connection?: EventTarget }).connection
    network?.addEventListener('change', () => this.state === 'on' && this.#mend(0))
    if (localStorage.getItem('test') === '1') Object.assign(window, { __callsmith: { line: this } })
  }

  /** The sound that comes in; null while there is none. */
  get remote(): MediaStream | null {
    return (this.#sound?.srcObject as MediaStream | null) ?? null
  }
  /** The microphone's stream; always null in 'hear'. */
  get local(): MediaStream | null {
    return this.#local
  }

  /** Opens the line, or changes its use. Resolves when sound can pass; rejects with what to tell. */
  async open(use: LineUse): Promise<void> {
    if (this.use === use && this.state === 'on') return
    this.use = use
    this.#retries = 0
    this.state = 'opening'
    await this.#connect()
  }

  async close(): Promise<void> {
    const had = this.state !== 'off'
    this.#drop()
    this.use = null
    this.state = 'off'
    this.id = null
    if (had) await api.del('/desk/line').catch(() => {})
  }

  mute(muted: boolean): void {
    this.muted = muted
    for (const track of this.#local?.getAudioTracks() ?? []) track.enabled = !muted
  }

  /** Another microphone, from now on. */
  async choose(mic: string | null): Promise<void> {
    this.mic = mic
    if (mic) localStorage.setItem(MIC, mic)
    else localStorage.removeItem(MIC)
    if (this.use === 'talk' && this.state !== 'off') await this.#connect()
  }

  /** After a click: lets the browser play. */
  hear = async (): Promise<void> => {
    await this.#sound?.play()
    this.silent = false
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#timer)
    const turn = ++this.#turn
    const use = this.use
    if (!use) return
    const late = () => turn !== this.#turn
    let microphone: MediaStream | null = null
    let peer: RTCPeerConnection | null = null
    try {
      if (use === 'talk') microphone = await this.#microphone()
      if (late()) return stop(microphone)
      peer = new RTCPeerConnection({ iceServers: [] })
      const transceiver =
        microphone === null
          ? peer.addTransceiver('audio', { direction: 'recvonly' })
          : peer.addTransceiver(microphone.getAudioTracks()[0] as MediaStreamTrack, { direction: 'sendrecv', streams: [microphone] })
      onlyPcmu(transceiver)
      const sound = (this.#sound ??= player())
      peer.ontrack = (event) => {
        if (late()) return
        sound.srcObject = event.streams[0] ?? new MediaStream([event.track])
        sound.play().then(
          () => (this.silent = false),
          () => (this.silent = true),
        )
      }
      await peer.setLocalDescription()
      await gathered(peer)
      const answer = await api.post<{ sdp: string; line: string }>('/desk/line', { sdp: peer.localDescription?.sdp ?? '' })
      if (late()) return void peer.close(), stop(microphone)
      await peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp })
      await connected(peer)
      if (late()) return void peer.close(), stop(microphone)
      // The old connection goes only when the new one is there, so a change of use has no hole.
      this.#release()
      this.#peer = peer
      this.#local = microphone
      this.mute(this.muted)
      peer.onconnectionstatechange = () => this.#changed(peer as RTCPeerConnection)
      microphone?.getAudioTracks()[0]?.addEventListener('ended', () => this.#peer === peer && this.#mend(0))
      this.id = answer.line
      this.#alive = { packets: 0, answers: 0, at: performance.now() }
      this.#retries = 0
      this.trouble = null
      this.state = 'on'
      this.#statsTimer = setInterval(() => void this.#measure(), STATS_MS)
    } catch (why) {
      peer?.close()
      stop(microphone)
      if (late()) return
      this.trouble = why
      const refused = why instanceof DOMException && ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'SecurityError'].includes(why.name)
      const final = refused || (why instanceof ApiError && [401, 403, 404, 422].includes(why.status))
      if (this.state === 'mending' && !final) return this.#mend()
      this.#release()
      this.state = refused ? 'no_mic' : 'failed'
      throw why
    }
  }

  async #microphone(): Promise<MediaStream> {
    // Pages on plain http (other than localhost) have no microphone at all.
    if (!navigator.mediaDevices) throw new DOMException('this page is not on https', 'SecurityError')
    const wish = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 }
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: this.mic ? { ...wish, deviceId: { exact: this.mic } } : wish })
    } catch (why) {
      // The chosen one was unplugged.
      if (this.mic && why instanceof DOMException && why.name === 'OverconstrainedError') return navigator.mediaDevices.getUserMedia({ audio: wish })
      throw why
    }
  }

  #changed(peer: RTCPeerConnection): void {
    if (peer !== this.#peer) return
    if (peer.connectionState === 'failed' || peer.connectionState === 'closed') this.#mend(0)
    else if (peer.connectionState === 'disconnected') this.#mend(PATIENCE_MS)
    else if (peer.connectionState === 'connected' && this.state === 'mending') {
      clearTimeout(this.#timer)
      this.state = 'on'
    }
  }

  #mend(wait = Math.min(5_000, 400 * 2 ** this.#retries)): void {
    if (this.use === null) return
    this.#retries++
    this.state = 'mending'
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#connect().catch(() => {}), wait)
  }

  async #measure(): Promise<void> {
    const peer = this.#peer
    if (!peer) return
    const next: LineStats = { ...NOTHING }
    let answers = 0
    for (const report of (await peer.getStats()).values()) {
      if (report.type === 'inbound-rtp') {
        next.in_level = report.audioLevel ?? 0
        next.packets_in = report.packetsReceived ?? 0
        next.lost = report.packetsLost ?? 0
        next.jitter_ms = Math.round((report.jitter ?? 0) * 1000)
      } else if (report.type === 'candidate-pair') answers += report.responsesReceived ?? 0
      if (report.type === 'media-source') next.out_level = this.muted ? 0 : (report.audioLevel ?? 0)
      else if (report.type === 'outbound-rtp') next.packets_out = report.packetsSent ?? 0
      else if (report.type === 'candidate-pair' && report.state === 'succeeded' && report.currentRoundTripTime !== undefined) next.rtt_ms = Math.round(report.currentRoundTripTime * 1000)
    }
    if (peer !== this.#peer) return
    this.stats = next
    const now = performance.now()
    if (next.packets_in !== this.#alive.packets || answers !== this.#alive.answers) this.#alive = { packets: next.packets_in, answers, at: now }
    else if (now - this.#alive.at > DEAF_MS && this.state === 'on') this.#mend(0)
  }

  #release(): void {
    clearInterval(this.#statsTimer)
    if (this.#peer) this.#peer.onconnectionstatechange = null
    this.#peer?.close()
    this.#peer = null
    stop(this.#local)
    this.#local = null
    this.stats = NOTHING
  }

  #drop(): void {
    this.#turn++
    clearTimeout(this.#timer)
    this.#release()
    if (this.#sound) this.#sound.srcObject = null
  }

  // The tab goes: the server hears it at once instead of by silence.
  #leave = (): void => {
    if (this.state === 'off') return
    const headers: Record<string, string> = { 'X-CSRF-Token': session.me?.csrf ?? '' }
    void fetch(address('/desk/line'), { method: 'DELETE', keepalive: true, credentials: 'same-origin', headers })
    this.#drop()
    this.state = 'off'
  }
}

/** Asks for something that needs the line. The server's end of a new connection stands a moment after ours; so long it is asked again. */
export async function withLine<T>(ask: () => Promise<T>): Promise<T> {
  const late = performance.now() + SERVER_MS
  for (;;) {
    try {
      return await ask()
    } catch (why) {
      if (line.state !== 'on' || !(why instanceof ApiError) || why.code !== 'no_line' || performance.now() > late) throw why
      await new Promise((done) => setTimeout(done, 100))
    }
  }
}

function onlyPcmu(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities('audio')?.codecs.filter((codec) => codec.mimeType.toLowerCase() === 'audio/pcmu') ?? []
  if (codecs.length > 0 && 'setCodecPreferences' in transceiver) transceiver.setCodecPreferences(codecs)
}

function player(): HTMLAudioElement {
  const audio = document.createElement('audio')
  audio.autoplay = true
  audio.dataset.line = ''
  audio.hidden = true
  document.body.append(audio)
  return audio
}

function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
}

function gathered(peer: RTCPeerConnection): Promise<void> {
  return new Promise((done) => {
    if (peer.iceGatheringState === 'complete') return done()
    const timer = setTimeout(done, GATHER_MS)
    peer.addEventListener('icegatheringstatechange', () => {
      if (peer.iceGatheringState !== 'complete') return
      clearTimeout(timer)
      done()
    })
  })
}

function connected(peer: RTCPeerConnection): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new ApiError(0, 'line_blocked', 'no audio connection to the server (UDP blocked?)')), 8_000)
    const look = () => {
      if (peer.connectionState === 'connected') done()
      else if (peer.connectionState === 'failed') fail(new ApiError(0, 'line_blocked', 'the audio connection failed (UDP blocked?)'))
      else return
      clearTimeout(timer)
    }
    peer.addEventListener('connectionstatechange', look)
    look()
  })
}

export const line = new Line()
