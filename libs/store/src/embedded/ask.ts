// For embedded.ts: a free port for a server, and who answers on it.
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { CohortError } from '@cohort/contracts'

export const LOOPBACK = '127.0.0.1'

/**
 * Below the ports that Linux and macOS give to outgoing connections. Were it one of those, a client that tries again
 * and again while the server is down would one day be given the server's port as its own, and be connected to itself.
 */
const LOWEST_PORT = 20_000
const PORTS = 10_000
const TRIES = 100

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = LOWEST_PORT + randomInt(PORTS)
    if (await isFree(port)) return port
  }
  throw new CohortError(
    'redis_unfit',
    `no free port was found from ${LOWEST_PORT} to ${LOWEST_PORT + PORTS - 1}`,
  )
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<boolean>()
  server.once('error', () => resolve(false))
  server.listen({ port, host: LOOPBACK, exclusive: true }, () => resolve(true))
  const free = await promise
  if (!free) return false
  server.close()
  await once(server, 'close')
  return true
}

export interface Answer {
  readonly pid: number
  /** It still reads its append-only file. */
  readonly loading: boolean
}

const PATIENCE_MS = 1000

/** The Redis server that listens on a loopback port; undefined where none answers. */
export async function whoAnswers(port: number): Promise<Answer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
  const socket = connect({ port, host: LOOPBACK })
  let heard = ''
  socket.setTimeout(PATIENCE_MS, () => resolve(undefined))
  socket.once('error', () => resolve(undefined))
  socket.once('close', () => resolve(undefined))
  socket.on('data', (bytes) => {
    heard += bytes.toString('latin1')
    const pid = /^process_id:(\d+)/m.exec(heard)?.[1]
    const loading = /^loading:([01])/m.exec(heard)?.[1]
    if (pid !== undefined && loading !== undefined) resolve({ pid: Number(pid), loading: loading === '1' })
  })
  socket.write('INFO server\r\nINFO persistence\r\n')
  try {
    return await promise
  } finally {
    socket.destroy()
  }
}
