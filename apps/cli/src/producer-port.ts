// Before anything is started: is the producer's port free, and if it is not, who answers there?
import { once } from 'node:events'
import { createServer, isIPv6 } from 'node:net'
import { CohortError, type Fault, producerSettings, Variables } from '@cohort/contracts'
import type { CliConfig } from './config.js'
import { runningSystems } from './running.js'

/** Throws `configuration` where another process listens on PORT and HOST: who, and what to do. */
export async function requireFreePort({ environment, dir }: CliConfig): Promise<void> {
  const faults: Fault[] = []
  const { port, host } = producerSettings(new Variables(environment, faults))
  const isOff = faults.some(({ path }) => path === 'PORT')
  // What does not fit is for the producer to refuse, and any other trouble with the address as well.
  if (isOff || port === 0 || !(await isTaken(port, host))) return
  const setting = environment['PORT'] ? `PORT=${port}` : `PORT is not set, so ${port} is meant`
  const url = `http://${addressOf(host)}:${port}`
  const who = (await isCohort(url)) ? cohortAt(url, dir) : 'another program listens there.'
  const how = 'Choose another port, 0 for any that is free: PORT=0 npm run -s cohort -- up'
  throw new CohortError('configuration', `port ${port} on ${host} is taken (${setting}): ${who}\n  ${how}`)
}

async function isTaken(port: number, host: string): Promise<boolean> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<boolean>()
  server.once('error', (error) => resolve('code' in error && error.code === 'EADDRINUSE'))
  server.listen({ port, host, exclusive: true }, () => resolve(false))
  const taken = await promise
  if (server.listening) {
    server.close()
    await once(server, 'close')
  }
  return taken
}

/** Where one that listens on all addresses is reached. */
function addressOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return isIPv6(host) ? `[${host}]` : host
}

const PATIENCE_MS = 1000

async function isCohort(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(PATIENCE_MS) })
    const body: unknown = await response.json()
    return typeof body === 'object' && body !== null && 'alive' in body && body.alive === true
  } catch {
    // Whatever it is that says nothing, or something else: not one of ours.
    return false
  }
}

function cohortAt(url: string, dir: string): string {
  const port = new URL(url).port
  const ours = runningSystems(dir).find((system) => new URL(system.url).port === port)
  const whose = ours === undefined ? '' : `, started in this folder by process ${ours.pid}`
  return `a Cohort answers there already, ${url}${whose}. Use that one, or stop it.`
}
