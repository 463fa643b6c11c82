// Opens a connection to Redis for any leg: by URL, named, and never given up. Nobody but this library touches ioredis.
import { CohortError } from '@cohort/contracts'
import { Redis, type RedisOptions } from 'ioredis'

export type { Redis } from 'ioredis'

/** By this name of its connection for adds a producer is known to whoever looks: it has one of them. */
export const PRODUCER_ADDS = 'cohort-producer-adds'

export interface ConnectOptions {
  /** Shown by `CLIENT LIST`: letters, digits and `-_.:`. */
  readonly name: string
  /** Told of a trouble once, and again only after the connection had been well: a server that is away is one line. */
  readonly onError: (error: Error) => void
  /** A command that has no reply by then is given up; it may be done all the same. Left out: it waits for ever. */
  readonly commandMs?: number
  /**
   * True: a command is sent once, at once, or rejects; the caller decides whether it goes out again. For commands that
   * must not be done twice at any later time, such as adding a job.
   */
  readonly sendOnce?: boolean
}

/**
 * `redis://[user:password@]host[:port][/db]`, `rediss://…` for TLS, `unix:///path` or an absolute path for a socket.
 * Returns at once. Commands wait for the connection however long that takes, and are sent again when it broke under
 * them: each must bear being done twice, but for `sendOnce`. Throws `configuration` for a URL that is none of these.
 */
export function connect(url: string, { name, onError, commandMs, sendOnce = false }: ConnectOptions): Redis {
  const redis = new Redis({
    ...address(url),
    connectionName: name,
    ...(commandMs === undefined ? {} : { commandTimeout: commandMs }),
    // 0 rejects what has no reply when the connection breaks; without it, what is not sent again would never end.
    maxRetriesPerRequest: sendOnce ? 0 : null,
    enableOfflineQueue: !sendOnce,
    autoResendUnfulfilledCommands: !sendOnce,
    // Measured: slower here, where commands are large and already few.
    enableAutoPipelining: false,
    keepAlive: 10_000,
    // A server that reads its file after a restart is asked again so often; by default only after a second or more.
    maxLoadingRetryTime: 50,
    retryStrategy: (attempt) => retryMs(attempt, Math.random()),
  })
  let last: string | undefined
  redis.on('error', (error: Error) => {
    if (error.message === last) return
    last = error.message
    onError(error)
  })
  redis.on('ready', () => (last = undefined))
  return redis
}

/** How long a start waits for a server that is not there yet, and how often it says so. */
const START_MS = 15_000
const SAY_EVERY_MS = 3_000

export interface Wait {
  /** The URL of the connections. */
  readonly url: string
  readonly withinMs?: number
  /** Told every few seconds what is waited for, and why. */
  readonly onWait: (sentence: string) => void
  readonly sayEveryMs?: number
}

/** Resolves when all are connected; rejects with `redis_unavailable` and the last trouble when that takes long. */
export async function untilReached(connections: readonly Redis[], wait: Wait): Promise<void> {
  const { url, withinMs = START_MS, onWait, sayEveryMs = SAY_EVERY_MS } = wait
  let last: (Error & { readonly code?: string }) | undefined
  const onError = (error: Error) => (last = error)
  const sentence = (why = last?.code ?? last?.message ?? 'no answer yet') =>
    `Redis at ${placeOf(url)} (REDIS_URL) cannot be reached: ${why}`
  const { promise: late, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(new CohortError('redis_unavailable', sentence()))
  const timers = [setTimeout(giveUp, withinMs), setInterval(() => onWait(sentence()), sayEveryMs)]
  for (const redis of connections) redis.on('error', onError)
  try {
    await Promise.race([Promise.all(connections.map(ready)), late])
  } finally {
    for (const timer of timers) clearTimeout(timer)
    for (const redis of connections) redis.off('error', onError)
  }
}

const ready = (redis: Redis) =>
  new Promise<void>((resolve) => (redis.status === 'ready' ? resolve() : redis.once('ready', resolve)))

/**
 * Which server a URL means, without the user and the password. Of a URL that is not understood nothing is told: what
 * looks like its host may be a part of the password.
 */
export function placeOf(url: string): string {
  const place = understood(url)
  if (place === undefined) return 'the address in REDIS_URL'
  const { host = '', port, path, tls } = place
  if (path !== undefined) return url.startsWith('/') ? path : `unix://${path}`
  return `${tls === undefined ? 'redis' : 'rediss'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

const FIRST_RETRY_MS = 20
const LONGEST_RETRY_MS = 1000

/** 20, 40, 80 … 1000 ms, the second half of each at random: many clients do not come back in the same moment. */
export function retryMs(attempt: number, random: number): number {
  const most = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 16), LONGEST_RETRY_MS)
  return Math.round(most * (1 - random / 2))
}

type Address = Pick<RedisOptions, 'host' | 'port' | 'path' | 'db' | 'username' | 'password' | 'tls'>

function address(url: string): Address {
  const found = understood(url)
  if (found !== undefined) return found
  throw new CohortError('configuration', `not the URL of a Redis server: ${withoutPassword(url)}`, {
    errors: [
      {
        path: '',
        message: 'not the URL of a Redis server',
        expected: 'redis://host:port, rediss://… or unix:///path',
      },
    ],
  })
}

/** Undefined where the URL is none of those that `connect` takes. */
function understood(url: string): Address | undefined {
  if (url.startsWith('/')) return { path: url }
  const parsed = URL.parse(url)
  if (parsed === null) return undefined
  const [username, password, path] = [parsed.username, parsed.password, parsed.pathname].map(decoded)
  if (username === undefined || password === undefined || path === undefined) return undefined
  if (parsed.protocol === 'unix:') return parsed.host === '' && /^\/./.test(path) ? { path } : undefined
  const db = Number(path.slice(1))
  // A password with a `/`, `?` or `#` in it ends the host too early, and the `@` comes after it.
  const isCut = `${path}${parsed.search}${parsed.hash}`.includes('@')
  if (!/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '' || isCut || !Number.isInteger(db))
    return undefined
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    db,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    // What decodeURIComponent refuses is not percent-encoded: the URL is none that we take.
    return undefined
  }
}

/** All up to the last `@` may be a part of a user or a password, and so may what follows a question mark. */
const withoutPassword = (url: string): string =>
  url.replace(/^([a-z]+:\/\/)?.*@/is, '$1…@').replace(/[?#].*$/s, '?…')
