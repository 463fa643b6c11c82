// The worker's own health endpoint: is the process alive, does it take jobs, and what are its metrics?
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WorkerMetrics } from './observe/metrics.js'

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
  readonly metrics: Pick<WorkerMetrics, 'contentType' | 'text'>
}

/**
 * GET /healthz answers 200 while the process runs; GET /readyz 200 or 503 with what is missing; GET /metrics in the
 * OpenMetrics format.
 */
export async function startHealth({ host, port, missing, metrics }: HealthOptions): Promise<Health> {
  const server = createServer(async (request, response) => {
    switch (request.method === 'GET' ? request.url?.split('?')[0] : undefined) {
      case '/healthz':
        return answer(response, 200, { status: 'alive' })
      case '/readyz':
        return answerReady(response, await missing())
      case '/metrics':
        return send(response, 200, { type: metrics.contentType, text: await metrics.text() })
      default:
        return answer(response, 404, { status: 'no such path' })
    }
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

const answerReady = (response: ServerResponse, missing: readonly string[]): void =>
  missing.length === 0
    ? answer(response, 200, { status: 'ready' })
    : answer(response, 503, { status: 'not ready', missing })

const answer = (response: ServerResponse, status: number, body: object): void =>
  send(response, status, { type: 'application/json', text: JSON.stringify(body) })

function send(
  response: ServerResponse,
  status: number,
  { type, text }: { type: string; text: string },
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(text)
}
