// A stand-in for `callsmith serve`: the console's API with plausible, moving data. For developing and measuring pages.
//   node mock/server.mjs [--port 8787] [--calls 40] [--role admin] [--quiet]
// Areas answer in mock/areas/*.mjs: `export default (world) => ({ 'GET /campaigns/:campaign': (request) => body })`.
// The one-time links /#/link/ROLE log in as that role; every password is accepted except "wrong".

import { createReadStream, readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { World } from './world.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const dist = join(here, '..', 'dist')
const { values: options } = parseArgs({
  options: { port: { type: 'string', default: '8787' }, calls: { type: 'string', default: '40' }, role: { type: 'string' }, quiet: { type: 'boolean', default: false } },
})
const POLICY = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' }

const world = new World({ calls: Number(options.calls), quiet: options.quiet, role: options.role ?? null })
const routes = []
for (const file of readdirSync(join(here, 'areas')).sort()) {
  if (!file.endsWith('.mjs')) continue
  const area = (await import(join(here, 'areas', file))).default(world)
  for (const [name, answer] of Object.entries(area)) {
    const [method, path] = name.split(' ')
    routes.push({ method, pattern: new RegExp(`^${path.replace(/:([a-z_]+)/g, '(?<$1>[^/]+)')}$`), answer })
  }
}


async function body(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  const whole = Buffer.concat(parts)
  if (!(request.headers['content-type'] ?? '').includes('json')) return whole
  return JSON.parse(whole.toString() || '{}')
}

async function api(request, response, url) {
  const path = url.pathname.slice('/api/v1'.length)
  for (const { method, pattern, answer } of routes) {
    const found = pattern.exec(path)
    if (!found || method !== request.method) continue
    const params = Object.fromEntries(Object.entries(found.groups ?? {}).map(([k, v]) => [k, decodeURIComponent(v)]))
    const role = /callsmith=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? options.role ?? null
    if (!role && !path.startsWith('/session')) throw Object.assign(new Error('log in first'), { status: 401, code: 'login' })
    const asked = { params, query: url.searchParams, body: await body(request), role, request, response }
    const result = await answer(asked)
    if (response.headersSent) return
    if (Buffer.isBuffer(result)) return void response.end(result)
    response.setHeader('Content-Type', 'application/json')
    return void response.end(result === undefined ? '' : JSON.stringify(result))
  }
  throw Object.assign(new Error(`the mock has no ${request.method} ${path}`), { status: 404, code: 'not_found' })
}

function file(response, path) {
  const at = normalize(join(dist, path === '/' ? 'index.html' : path))
  if (!at.startsWith(dist) || !statSync(at, { throwIfNoEntry: false })?.isFile()) return void response.writeHead(404).end()
  response.setHeader('Content-Type', TYPES[extname(at)] ?? 'application/octet-stream')
  response.setHeader('Content-Security-Policy', POLICY)
  response.setHeader('Cache-Control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
  createReadStream(at).toArray().then((parts) => {
    response.setHeader('Content-Encoding', 'gzip')
    response.end(gzipSync(Buffer.concat(parts)))
  })
}

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://mock')
  if (!url.pathname.startsWith('/api/v1/')) return file(response, url.pathname)
  api(request, response, url).catch((why) => {
    if (response.headersSent) return void response.end()
    response.writeHead(why.status ?? 500, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ error: { code: why.code ?? 'mock', message: why.message, field: why.field } }))
  })
})
server.listen(Number(options.port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`))
