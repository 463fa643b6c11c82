// The Redis server of a machine that has none running: a child of this process that lives and ends with it.
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve as absolute } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CohortError } from '@cohort/contracts'
import { LOOPBACK, freePort } from './embedded/ask.js'
import { claimDirectory, type Claim } from './embedded/claim.js'
import { openGuard, type Guard } from './embedded/guard.js'
import { clearLog, lastWords, startServer, type ServerProcess } from './embedded/server-process.js'

export interface EmbeddedOptions {
  /** Where the data is kept from run to run. Where another process uses it: `<dir>-2` and so on, and that is logged. */
  readonly dir: string
  /** Of `findRedisServer`. */
  readonly executable: string
  /** One line of text, about once in the server's life. */
  readonly log: (message: string) => void
  /** The server died so often, so soon after its start, that it is not started again. */
  readonly onLost?: (error: CohortError) => void
}

export interface EmbeddedRedis {
  /** The same for its whole life, restarts included. */
  readonly url: string
  /** The server's process now; undefined between its lives. */
  readonly pid: number | undefined
  /** Where its data lies: `dir` as given, made absolute, or a numbered neighbour of it. */
  readonly dir: string
  /** Ends the server with its append-only file complete, by force after five seconds. Idempotent. */
  stop(): Promise<void>
}

/**
 * A server on a free loopback port: append-only file, written to disk every second, nothing evicted. When it dies, it
 * comes back on the same port with its data. When this process ends, by whatever signal, it ends too, within moments.
 * Throws `redis_unfit` with the server's last words where it does not start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedRedis> {
  const claim = await claimDirectory(absolute(options.dir), options.log)
  const server = new EmbeddedServer(options, claim)
  try {
    await server.start()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

/**
 * Where the server is: the one that the user names, which must exist, or the first of redis-server and valkey-server on
 * `path`; undefined where there is none. A name without a slash is looked for on `path` too.
 */
export function findRedisServer(path: string, named?: string): string | undefined {
  const folders = path.split(delimiter).filter((folder) => isAbsolute(folder))
  const find = (name: string) => folders.map((folder) => join(folder, name)).find(isProgram)
  if (named === undefined || named === '') return find('redis-server') ?? find('valkey-server')
  const found = named.includes('/') ? [absolute(named)].find(isProgram) : find(named)
  if (found === undefined) throw new CohortError('configuration', `there is no program ${named}`)
  return found
}

const PORTS_TRIED = 5
const STOP_MS = 5000
/** A server that lived for less since it was ready died soon. */
const SOON_MS = 1000
const SOON_DEATHS = 6

/** The next life begins at once, then after 0.1, 0.2, 0.4 s … */
const pauseMs = (soonDeaths: number): number => (soonDeaths <= 1 ? 0 : 50 * 2 ** (soonDeaths - 1))

class EmbeddedServer implements EmbeddedRedis {
  readonly #options: EmbeddedOptions
  readonly #claim: Claim
  readonly #guard: Guard
  readonly #stop = new AbortController()
  #port = 0
  #server: ServerProcess | undefined
  #kept: Promise<void> = Promise.resolve()
  #stopped: Promise<void> | undefined

  constructor(options: EmbeddedOptions, claim: Claim) {
    this.#options = options
    this.#claim = claim
    this.#guard = openGuard(options.log)
  }

  get url(): string {
    return `redis://${LOOPBACK}:${this.#port}`
  }

  get pid(): number | undefined {
    return this.#server?.pid
  }

  get dir(): string {
    return this.#claim.dir
  }

  async start(): Promise<void> {
    if (!isProgram(this.#options.executable)) {
      throw new CohortError('redis_unfit', `there is no program ${this.#options.executable}`)
    }
    clearLog(this.dir)
    for (let tries = 1; ; tries++) {
      this.#port = await freePort()
      const server = this.#launch()
      if (await server.ready) return void (this.#kept = this.#keep(server))
      const how = await server.ended
      const words = lastWords(this.dir)
      // Another process was quicker to take the port.
      if (tries < PORTS_TRIED && /already in use/i.test(words)) continue
      throw new CohortError(
        'redis_unfit',
        `${this.#options.executable} did not start (${how})${words && `:\n${words}`}`,
      )
    }
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#end())
  }

  #launch(): ServerProcess {
    const server = startServer({ executable: this.#options.executable, port: this.#port, dir: this.dir })
    if (server.pid !== undefined) {
      this.#guard.watch(server.pid)
      this.#claim.setServer(server.pid)
    }
    this.#server = server
    void server.ended.then(() => {
      this.#guard.unwatch()
      this.#server = undefined
    })
    return server
  }

  /** One life after the other, until it is stopped or lost. */
  async #keep(first: ServerProcess): Promise<void> {
    let soonDeaths = 0
    for (let server = first; ; server = this.#launch()) {
      const how = await server.ended
      if (this.#stop.signal.aborted) return
      soonDeaths = server.livedMs() < SOON_MS ? soonDeaths + 1 : 1
      if (soonDeaths >= SOON_DEATHS) return this.#lose(how)
      this.#options.log(`the embedded Redis server ended (${how}); it is started again on port ${this.#port}`)
      await sleep(pauseMs(soonDeaths), undefined, { signal: this.#stop.signal }).catch(() => {})
      if (this.#stop.signal.aborted) return
    }
  }

  #lose(how: string): void {
    const words = lastWords(this.dir)
    const times = `${SOON_DEATHS} times, each within ${SOON_MS / 1000} s of its start`
    const detail = `the embedded Redis server died ${times}, and is not started again (${how})${words && `:\n${words}`}`
    this.#options.log(detail)
    this.#options.onLost?.(new CohortError('redis_unfit', detail))
  }

  async #end(): Promise<void> {
    this.#stop.abort()
    const server = this.#server
    server?.kill('SIGTERM')
    const force = setTimeout(() => server?.kill('SIGKILL'), STOP_MS)
    await Promise.all([server?.ended, this.#kept])
    clearTimeout(force)
    await this.#guard.close()
    this.#claim.release()
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
