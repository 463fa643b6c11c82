// A real HTTP server for the SDK's tests: answers each request with the next line of its script, and keeps
// what it got.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface Got {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

export type Line = (response: ServerResponse) => void

export interface ScriptedServer {
  readonly url: string
  readonly got: readonly Got[]
}

/** The last line answers every further request. Closed at the end of the test. */
export async function scripted(t: TestContext, ...lines: readonly Line[]): Promise<ScriptedServer> {
  const got: Got[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    let text = ''
    for await (const chunk of request) text += String(chunk)
    got.push({ method, path: url, headers, body: text === '' ? undefined : JSON.parse(text) })
    lines[Math.min(got.length, lines.length) - 1]?.(response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => {
    server.closeAllConnections()
    return new Promise((closed) => server.close(closed))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got }
}

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Line =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

export const text =
  (status: number, body: string): Line =>
  (response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end(body)

export const problem = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): Line =>
  json(
    status,
    { type: `urn:cohort:problem:${code}`, title: code, status, detail: `it is ${code}`, code },
    headers,
  )

/** Promises more bytes than it sends, then cuts the connection. */
export const truncated: Line = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
  response.write('{"batchId":', () => response.socket?.destroy())
}

/** Takes the request and says nothing. */
export const silent: Line = () => undefined
