// Looks at a Redis server once, in bounded time, and changes nothing: for `cohort doctor`.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { connect, placeOf, PRODUCER_ADDS } from './connect.js'
import { inspectServer, type ServerFacts } from './inspect.js'
import { defineScripts } from './scripts.js'
import { openWorkers, type AliveWorker } from './workers.js'

export interface ServerSeen {
  /** The address, without a password. */
  readonly at: string
  readonly reached: true
  readonly facts: ServerFacts
  /** The median of a few. */
  readonly roundTripMs: number
  readonly workers: readonly AliveWorker[]
  /** The ids of those whose word of themselves is damaged. */
  readonly damagedWorkers: readonly string[]
  /** Undefined where the server does not say who is connected. */
  readonly producers: number | undefined
}

/** `reason`: the first trouble, a few words. */
export type ServerLook =
  | ServerSeen
  | { readonly at: string; readonly reached: false; readonly reason: string }

/** Never rejects. A server that is away is not waited for; one that says nothing, so long. */
export async function lookAtServer(url: string, withinMs: number): Promise<ServerLook> {
  const at = placeOf(url)
  const trouble = Promise.withResolvers<never>()
  const over = new AbortController()
  let redis: Redis | undefined
  try {
    redis = connect(url, { name: 'cohort-doctor', onError: trouble.reject })
    // It says why, if at all, in reply to a command that ioredis does not look at.
    redis.once('close', () => trouble.reject(new Error(CLOSED)))
    const late = sleep(withinMs, undefined, { signal: over.signal }).then(() => {
      throw new Error(`no answer within ${withinMs / 1000} s`)
    })
    const seen = await Promise.race([look(redis), trouble.promise, late])
    return { at, reached: true, ...seen }
  } catch (error) {
    return { at, reached: false, reason: reasonOf(error) }
  } finally {
    over.abort()
    redis?.disconnect()
  }
}

async function look(redis: Redis): Promise<Omit<ServerSeen, 'at' | 'reached'>> {
  const facts = await inspectServer(redis)
  defineScripts(redis)
  const damagedWorkers: string[] = []
  return {
    facts,
    roundTripMs: await roundTripMs(redis),
    workers: await openWorkers(redis, (id) => damagedWorkers.push(id)).list(),
    damagedWorkers,
    producers: await countProducers(redis),
  }
}

const ROUND_TRIPS = 9

async function roundTripMs(redis: Redis): Promise<number> {
  const times: number[] = []
  while (times.length < ROUND_TRIPS) {
    const sent = performance.now()
    await redis.ping()
    times.push(performance.now() - sent)
  }
  return times.toSorted((a, b) => a - b)[ROUND_TRIPS >> 1] ?? 0
}

/** Managed servers often forbid it. */
async function countProducers(redis: Redis): Promise<number | undefined> {
  const clients = await redis.client('LIST').catch(() => undefined)
  return typeof clients === 'string' ? clients.split(` name=${PRODUCER_ADDS} `).length - 1 : undefined
}

const CLOSED = 'it closes the connection at once: its protected mode or a firewall may be the reason'
const REASONS: readonly (readonly [sign: RegExp, reason: string])[] = [
  [/NOAUTH/, 'it asks for a password'],
  [/WRONGPASS/, 'the user or the password is wrong'],
  [/^DENIED/, CLOSED],
  [/RESP type/, 'what answers there is not a Redis server'],
]

/** The system's code where there is one: its message may be empty (several addresses, all refused). */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'ECONNRESET') return CLOSED
  if ('code' in error && /^E[A-Z]+$/.test(String(error.code))) return String(error.code)
  return REASONS.find(([sign]) => sign.test(error.message))?.[1] ?? error.message
}
