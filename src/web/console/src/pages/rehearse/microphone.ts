// A microphone connected to a rehearsal: WebRTC, PCMU both ways.

const GATHER_MS = 1_500
const CONNECT_MS = 8_000

export type Microphone = { mute: (muted: boolean) => void; close: () => void; lost: (told: () => void) => void }

/** Asks for the microphone and connects it; `exchange` sends our description and gives the server's. */
export async function connect(exchange: (sdp: string) => Promise<string>): Promise<Microphone> {
  // Pages on plain http (other than localhost) have no microphone at all.
  if (!navigator.mediaDevices) throw new DOMException('this page is not on https', 'SecurityError')
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 } })
  const peer = new RTCPeerConnection({ iceServers: [] })
  const sound = new Audio()
  sound.autoplay = true
  const close = () => {
    peer.onconnectionstatechange = null
    peer.close()
    for (const track of stream.getTracks()) track.stop()
    sound.srcObject = null
  }
  try {
    const track = stream.getAudioTracks()[0]
    if (!track) throw new DOMException('no microphone', 'NotFoundError')
    const transceiver = peer.addTransceiver(track, { direction: 'sendrecv', streams: [stream] })
    const pcmu = RTCRtpReceiver.getCapabilities('audio')?.codecs.filter((codec) => codec.mimeType.toLowerCase() === 'audio/pcmu') ?? []
    if (pcmu.length > 0 && 'setCodecPreferences' in transceiver) transceiver.setCodecPreferences(pcmu)
    peer.ontrack = (event) => {
      sound.srcObject = event.streams[0] ?? new MediaStream([event.track])
      void sound.play().catch(() => {})
    }
    await peer.setLocalDescription()
    await until(peer, 'icegatheringstatechange', () => peer.iceGatheringState === 'complete', GATHER_MS)
    await peer.setRemoteDescription({ type: 'answer', sdp: await exchange(peer.localDescription?.sdp ?? '') })
    const joined = await until(peer, 'connectionstatechange', () => peer.connectionState === 'connected' || peer.connectionState === 'failed', CONNECT_MS)
    if (!joined || peer.connectionState !== 'connected') throw new Error('no audio connection to the server (UDP blocked?)')
  } catch (why) {
    close()
    throw why
  }
  return {
    mute: (muted) => stream.getAudioTracks().forEach((track) => (track.enabled = !muted)),
    close,
    lost: (told) => {
      peer.onconnectionstatechange = () => (peer.connectionState === 'failed' || peer.connectionState === 'closed') && told()
    },
  }
}

function until(peer: RTCPeerConnection, event: string, true_: () => boolean, most: number): Promise<boolean> {
  return new Promise((done) => {
    if (true_()) return done(true)
    const timer = setTimeout(() => end(false), most)
    const look = () => true_() && end(true)
    const end = (good: boolean) => {
      clearTimeout(timer)
      peer.removeEventListener(event, look)
      done(good)
    }
    peer.addEventListener(event, look)
  })
}
