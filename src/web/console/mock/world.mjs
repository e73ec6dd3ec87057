// The mock's calls, agents and streams.

export class World {
  constructor(options) {
    Object.assign(this, options)
    this.began = Date.now()
    this.streams = new Set()
  }

  /** Opens a server-sent event stream on a response. */
  stream({ request, response, role }) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write(': here\n\n')
    const one = { role, send: (event, data) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`), end: () => response.end() }
    this.streams.add(one)
    request.on('close', () => this.streams.delete(one))
    return one
  }

  /** Sends to everybody, or to one role. */
  tell(event, data, role = null) {
    for (const one of this.streams) if (!role || one.role === role) one.send(event, data)
  }
}
