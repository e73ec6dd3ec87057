// The API as a program uses it, with a session of its own, and the event streams.

export class Client {
  #cookie = ''
  #csrf = ''

  constructor(base) {
    this.base = base
  }

  async login(name, password) {
    const response = await this.#send('POST', '/session', { name, password })
    this.#cookie = response.headers.getSetCookie()[0].split(';')[0]
    this.#csrf = (await response.json()).csrf
  }

  get = async (path) => (await this.#send('GET', path)).json()
  post = async (path, body = {}) => (await this.#send('POST', path, body)).json()
  patch = async (path, body) => (await this.#send('PATCH', path, body)).json()

  async #send(method, path, body) {
    const headers = { Cookie: this.#cookie, 'X-CSRF-Token': this.#csrf }
    const form = body instanceof FormData
    if (body !== undefined && !form) headers['Content-Type'] = 'application/json'
    const response = await fetch(`${this.base}/api/v1${path}`, { method, headers, body: form ? body : body && JSON.stringify(body) })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response
  }

  /** Uploads a list, takes it into a campaign and waits until all its rows are in. */
  async fill(campaign, name, csv, mapping) {
    const form = new FormData()
    form.append('file', new Blob([csv]), name)
    const list = await this.post('/lists', form)
    const { job } = await this.post(`/campaigns/${campaign}/import`, { list: list.list, mapping, country: 'CN', skip_bad: false })
    for (;;) {
      const now = await this.get(`/jobs/${job}`)
      if (now.state === 'done') return now
      if (now.state === 'failed') throw new Error(`the import failed: ${JSON.stringify(now)}`)
      await new Promise((done) => setTimeout(done, 50))
    }
  }

  /** Follows an event stream. */
  follow(path) {
    return new Stream(`${this.base}/api/v1${path}`, this.#cookie)
  }
}

/** What a stream told, each with the time it came, and whoever waits for the next. */
class Stream {
  told = []
  #waiting = new Set()
  #stop = new AbortController()

  constructor(url, cookie) {
    this.#read(url, cookie).catch((why) => {
      if (!this.#stop.signal.aborted) console.error(`${url}: ${why.message}`)
    })
  }

  async #read(url, cookie) {
    const response = await fetch(url, { headers: { Cookie: cookie, Accept: 'text/event-stream' }, signal: this.#stop.signal })
    if (!response.ok) throw new Error(String(response.status))
    let text = ''
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      text += piece
      const whole = text.split('\n\n')
      text = whole.pop()
      for (const block of whole) {
        const lines = block.split('\n')
        const field = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim()).join('\n')
        const data = field('data')
        if (data) this.#tell({ type: field('event') || 'message', data: JSON.parse(data), unix: Date.now() })
      }
    }
  }

  #tell(one) {
    this.told.push(one)
    for (const look of [...this.#waiting]) look()
  }

  /** The first thing told that fits, from the `from`-th on. */
  until(what, fits, { from = 0, within = 30_000 } = {}) {
    return new Promise((done, fail) => {
      let at = from
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        const last = this.told.slice(-12).map((one) => one.data.kind ?? one.type)
        fail(new Error(`waited ${within} ms for: ${what}; the last told: ${last.join(', ')}`))
      }, within)
      const look = () => {
        for (; at < this.told.length; at++) {
          if (!fits(this.told[at].data, this.told[at])) continue
          clearTimeout(timer)
          this.#waiting.delete(look)
          return done(this.told[at])
        }
      }
      this.#waiting.add(look)
      look()
    })
  }

  close() {
    this.#stop.abort()
  }
}
