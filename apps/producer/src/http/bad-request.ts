// What is not even HTTP: answered on the bare socket, as a problem like any other.
import type { Socket } from 'node:net'
import { CohortError } from '@cohort/contracts'

export function refuseBadRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  // The caller has gone: there is nobody to tell.
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const { status, ...problem } = new CohortError(
    'invalid_request',
    `this is not an HTTP request: ${error.message}`,
  ).toProblem()
  const body = JSON.stringify({ status, ...problem })
  const head = [
    `HTTP/1.1 ${status} Bad Request`,
    'Connection: close',
    'Content-Type: application/problem+json',
  ]
  socket.end([...head, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'))
}
