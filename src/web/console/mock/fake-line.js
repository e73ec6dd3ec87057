// Put into a page before its scripts: plays the server's part of POST /desk/line with a second RTCPeerConnection in the
// same page, so that the audio line can be tried without a server. It sends a tone and counts what it hears.
;(() => {
  const real = window.fetch
  window.__far = { lines: [], heard: 0, offers: [] }
  window.fetch = async (input, init) => {
    if (!String(input).includes('/api/v1/desk/line') || init?.method !== 'POST') return real(input, init)
    const { sdp } = JSON.parse(init.body)
    window.__far.offers.push(sdp)
    const peer = new RTCPeerConnection()
    const context = new AudioContext({ sampleRate: 48000 })
    const tone = context.createOscillator()
    const out = context.createMediaStreamDestination()
    tone.frequency.value = 440
    tone.connect(out)
    tone.start()
    await peer.setRemoteDescription({ type: 'offer', sdp })
    const transceiver = peer.getTransceivers()[0]
    await transceiver.sender.replaceTrack(out.stream.getAudioTracks()[0])
    transceiver.direction = sdp.includes('a=recvonly') ? 'sendonly' : 'sendrecv'
    await peer.setLocalDescription()
    if (peer.iceGatheringState !== 'complete') await new Promise((done) => (peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && done()))
    for (const old of window.__far.lines.splice(0)) setTimeout(() => old.close(), 300)
    window.__far.lines.push(peer)
    await real(input, init)
    return new Response(JSON.stringify({ sdp: peer.localDescription.sdp, line: `L${window.__far.offers.length}` }), { headers: { 'Content-Type': 'application/json' } })
  }
})()
