// The worker's own health endpoint: is the process alive, and does it take jobs?
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Health {
  readonly url: string
  close(): Promise<void>
}

interface HealthOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** What keeps the worker from taking jobs, a sentence each; nothing where it is ready. */
  readonly missing: () => Promise<string[]>
}

/** GET /healthz answers 200 while the process runs; GET /readyz 200 or 503 with what is missing. */
export async function startHealth({ host, port, missing }: HealthOptions): Promise<Health> {
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0]
    if (request.method !== 'GET' || (path !== '/healthz' && path !== '/readyz'))
      return answer(response, 404, { status: 'no such path' })
    if (path === '/healthz') return answer(response, 200, { status: 'alive' })
    const reasons = await missing()
    return reasons.length === 0
      ? answer(response, 200, { status: 'ready' })
      : answer(response, 503, { status: 'not ready', missing: reasons })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  // A server that listens on a host and port has an address of this kind.
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        server.closeAllConnections()
      }),
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(text)
}
