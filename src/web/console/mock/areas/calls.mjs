import { page, refuse } from '../refuse.mjs'

const SIP = [
  ['out', 'INVITE sip:13800138000@carrier.example SIP/2.0', 'Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK776\nMax-Forwards: 70\nFrom: <sip:02155501000@10.0.0.5>;tag=88a\nTo: <sip:138****8000@carrier.example>\nCall-ID: 3f1c@10.0.0.5\nCSeq: 1 INVITE\nContact: <sip:callsmith@10.0.0.5:5060>\nContent-Type: application/sdp\nContent-Length: 214\n\nv=0\no=- 1 1 IN IP4 10.0.0.5\ns=-\nc=IN IP4 10.0.0.5\nt=0 0\nm=audio 20000 RTP/AVP 0 8 101'],
  ['in', 'SIP/2.0 100 Trying', 'Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK776\nCSeq: 1 INVITE'],
  ['in', 'SIP/2.0 180 Ringing', 'Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK776\nCSeq: 1 INVITE'],
  ['in', 'SIP/2.0 200 OK', 'CSeq: 1 INVITE\nContent-Type: application/sdp\n\nv=0\nm=audio 31000 RTP/AVP 0'],
  ['out', 'ACK sip:13800138000@carrier.example SIP/2.0', 'CSeq: 1 ACK'],
  ['in', 'BYE sip:callsmith@10.0.0.5:5060 SIP/2.0', 'CSeq: 2 BYE\nReason: Q.850;cause=16'],
  ['out', 'SIP/2.0 200 OK', 'CSeq: 2 BYE'],
]

/** Two channels of speech-like noise: robot left, callee right. */
function recording(call) {
  const rate = 8000
  const answered = call.events.find((event) => event.kind === 'answered')?.at ?? 0
  const seconds = Math.min(90, Math.max(12, ((call.spoken.at(-1)?.at_ms ?? 20_000) - answered) / 1000 + 3))
  const frames = Math.floor(rate * seconds)
  const wav = Buffer.alloc(44 + frames * 4)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(36 + frames * 4, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(2, 22)
  wav.writeUInt32LE(rate, 24)
  wav.writeUInt32LE(rate * 4, 28)
  wav.writeUInt16LE(4, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(frames * 4, 40)
  for (const line of call.spoken) {
    const from = Math.max(0, Math.floor(((line.at_ms - answered) / 1000) * rate))
    const to = Math.min(frames, from + Math.floor(line.text.length * (call.card.lang === 'zh' ? 0.18 : 0.06) * rate))
    for (let at = from; at < to; at++) {
      const t = at / rate
      const loud = 0.35 * Math.abs(Math.sin(t * 9)) * Math.abs(Math.sin(t * 2.3))
      wav.writeInt16LE(Math.round(32767 * loud * Math.sin(t * 2 * Math.PI * (line.who === 'callee' ? 170 : 230))), 44 + at * 4 + (line.who === 'callee' ? 2 : 0))
    }
  }
  return wav
}

export default function calls(world) {
  const notes = new Map()
  const row = ({ card, disposition, over, spoken }) => ({
    call: card.call,
    campaign: card.campaign,
    lead: { id: card.lead.id, name: card.lead.name },
    phone: card.phone,
    started_unix_ms: card.started_unix_ms,
    talk_ms: card.answered_unix_ms ? (spoken.at(-1)?.at_ms ?? 0) : 0,
    disposition: over ? disposition : null,
    grade: card.grade,
    tags: card.tags,
    agent: card.agent?.name ?? null,
    recording: over && card.answered_unix_ms !== null,
    review: notes.get(card.call)?.find((note) => note.score !== null)?.score ?? null,
  })
  const found = (id) => world.find(id) ?? refuse(404, 'not_found', 'no such call')
  return {
    'GET /calls': ({ query }) => {
      const want = (name, value) => !query.get(name) || query.get(name) === String(value)
      const all = world.past.filter((call) => want('campaign', call.card.campaign.id) && want('grade', call.card.grade) && want('disposition', call.disposition) && (!query.get('q') || call.spoken.some((line) => line.text.includes(query.get('q')))) && (!query.get('tag') || call.card.tags.includes(query.get('tag'))))
      return page(all.map(row), query)
    },
    'GET /calls/:call': ({ params }) => {
      const call = found(params.call)
      const of = (kind) => call.events.filter((event) => event.kind === kind)
      return {
        ...row(call),
        reasons: of('graded').at(-1)?.reasons ?? [],
        result: null,
        cause: call.over ? 'normal' : null,
        cause_text: call.over ? 'Normal call clearing' : null,
        sip_code: 200,
        q850: 16,
        hangup_by: call.over ? 'callee' : null,
        ring_ms: of('answered')[0]?.at ?? 4200,
        answered_ms: of('answered')[0]?.at ?? null,
        trunk: 'main',
        caller_id: '02155501000',
        card: Object.entries(call.cells),
        slots: of('slot').map(({ name, value, evidence }) => ({ name, value, evidence })),
        tag_hits: of('tag').map(({ tag, evidence, score, at }) => ({ tag, evidence, score, at_ms: at })),
        transcript: call.spoken,
        steps: of('step').map(({ step, at }) => ({ step, at_ms: at })),
        notes: notes.get(params.call) ?? [],
        dialplan: { name: call.card.dialplan, version: 4 },
        live: !call.over,
      }
    },
    'GET /calls/:call/recording.wav': ({ params, request, response }) => {
      const wav = recording(found(params.call))
      response.setHeader('Content-Type', 'audio/wav')
      response.setHeader('Accept-Ranges', 'bytes')
      const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '')
      if (!range) return wav
      const from = Number(range[1])
      const to = range[2] ? Number(range[2]) : wav.length - 1
      response.statusCode = 206
      response.setHeader('Content-Range', `bytes ${from}-${to}/${wav.length}`)
      return wav.subarray(from, to + 1)
    },
    'GET /calls/:call/sip': ({ params }) => (found(params.call), SIP.map(([dir, first_line, text], at) => ({ at_ms: [0, 30, 900, 5100, 5120, 61_000, 61_004][at], dir, first_line, text: `${first_line}\n${text}` }))),
    'POST /calls/:call/notes': ({ params, body, role }) => {
      const note = { id: Date.now(), by: role, text: body.text, score: body.score ?? null, at_ms: body.at_ms ?? null, created_unix_ms: Date.now() }
      notes.set(params.call, [...(notes.get(params.call) ?? []), note])
      return note
    },
    'GET /dispositions': () => [
      { code: 'completed', family: 'connected', zh: '正常完结', en: 'Completed' },
      { code: 'transferred', family: 'connected', zh: '转人工成功', en: 'Transferred' },
      { code: 'no_answer', family: 'not_connected', zh: '无人接听', en: 'No answer' },
      { code: 'callee_hangup', family: 'connected', zh: '用户挂断', en: 'Callee hung up' },
      { code: 'opt_out', family: 'connected', zh: '拒绝再呼', en: 'Opted out' },
      { code: 'callback', family: 'connected', zh: '预约回呼', en: 'Callback' },
      { code: 'invalid', family: 'not_connected', zh: '空号', en: 'Invalid number' },
    ],
  }
}
