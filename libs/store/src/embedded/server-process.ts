// For embedded.ts: one life of the server, from its start to its end.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LOOPBACK, whoAnswers } from './ask.js'

export interface ServerSettings {
  readonly executable: string
  readonly port: number
  readonly dir: string
}

export interface ServerProcess {
  /** Undefined where it could not be started at all. */
  readonly pid: number | undefined
  /** True when it answers and has read its file; false when it ended before. */
  readonly ready: Promise<boolean>
  /** How it ended, in words. Never rejects. */
  readonly ended: Promise<string>
  /** Since it was ready; 0 before. */
  livedMs(): number
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

export function startServer(settings: ServerSettings): ServerProcess {
  // A session of its own: Ctrl-C in the terminal is for us, and we stop the server when we are done with it.
  const [command = '', ...parameters] = [...byKernel(), settings.executable, ...flags(settings)]
  const child = spawn(command, parameters, { cwd: settings.dir, stdio: 'ignore', detached: true })
  const { promise: ended, resolve } = Promise.withResolvers<string>()
  let alive = true
  let readyAt: number | undefined
  const end = (how: string) => {
    alive = false
    resolve(how)
  }
  child.once('error', (error) => end(error.message))
  child.once('exit', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`))
  const untilReady = async () => {
    while (alive) {
      const answer = await whoAnswers(settings.port)
      // Another server may have been quicker to take the port; ours will end then.
      if (answer !== undefined && answer.pid === child.pid && !answer.loading) {
        readyAt = performance.now()
        return true
      }
      await sleep(LOOK_EVERY_MS)
    }
    return false
  }
  return {
    pid: child.pid,
    ready: untilReady(),
    ended,
    livedMs: () => (readyAt === undefined ? 0 : performance.now() - readyAt),
    kill: (signal) => child.kill(signal),
  }
}

const ENDS_WITH_US = ['--pdeathsig', 'TERM']
let kernelEnds: boolean | undefined

/**
 * Linux ends the server itself when the thread that started it is gone, where util-linux is there to ask for it: also
 * when the guard was killed in the same moment. `setpriv` becomes the program it starts, so the pid is the server's.
 */
function byKernel(): string[] {
  kernelEnds ??= process.platform === 'linux' && spawnSync('setpriv', [...ENDS_WITH_US, 'true']).status === 0
  return kernelEnds ? ['setpriv', ...ENDS_WITH_US] : []
}

const LOOK_EVERY_MS = 10
const LOG_LINES = 8

const logFile = (dir: string): string => join(dir, 'redis.log')

/** The server's log tells of one run. */
export const clearLog = (dir: string): void => rmSync(logFile(dir), { force: true })

/** The last lines of what the server itself had to say. */
export function lastWords(dir: string): string {
  try {
    return readFileSync(logFile(dir), 'utf8').trim().split('\n').slice(-LOG_LINES).join('\n')
  } catch {
    return ''
  }
}

/** No configuration file is read: all that matters is here. */
function flags({ port, dir }: ServerSettings): string[] {
  const settings = {
    port: String(port),
    bind: LOOPBACK,
    'protected-mode': 'yes',
    dir,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    maxmemory: '0',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
    logfile: logFile(dir),
    // Rewriting the append-only file is told at the level below, with every rewrite.
    loglevel: 'warning',
  }
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
}
