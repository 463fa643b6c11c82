// A program: takes in spans by OTLP over HTTP, counts them by the path's first part and by name, and drops them.
// `POST /NAME/v1/traces` as an exporter does with the endpoint http://…/NAME; `GET /counts` says how many there were.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { type Counts, countSpans } from './spans.js'

const counts: Record<string, Counts> = {}

async function receive(request: IncomingMessage): Promise<void> {
  const name = /^\/([^/]+)\/v1\/traces$/.exec(request.url ?? '')?.[1] ?? request.url ?? ''
  const received = await buffer(request)
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(received) : received
  countSpans(body, request.headers['content-type'] ?? '', (counts[name] ??= {}))
}

const server = createServer((request, response) => {
  if (request.method === 'GET') return void response.end(JSON.stringify(counts))
  receive(request).then(
    () => response.end(),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      response.writeHead(400).end()
    },
  )
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.stdout.write(`receiver ready: http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
