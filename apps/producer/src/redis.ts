// The connection to Redis, and whether that server can be used: said plainly before anything is served.
import { CohortError } from '@cohort/contracts'
import { connect, requireFitServer, type Redis } from '@cohort/store'
import type { Log } from '@cohort/telemetry'
import type { ProducerConfig } from './config.js'
import { inTime } from './in-time.js'

/** How long a start waits for a server that is not there yet. */
const START_MS = 15_000

export interface Connections {
  readonly redis: Redis
  /** For adding jobs: a command is sent once, or rejects. */
  readonly sendOnce: Redis
}

/** Throws `redis_unavailable` where it is not reached, `redis_unfit` with all that must be changed. */
export async function openCheckedRedis(
  { redisUrl, redisMs }: ProducerConfig,
  log: Log,
): Promise<Connections> {
  let last: Error | undefined
  const onError = (error: Error) => {
    last = error
    log.warn('redis', { error })
  }
  const redis = connect(redisUrl, { name: 'cohort-producer', onError, commandMs: redisMs })
  const sendOnce = connect(redisUrl, {
    name: 'cohort-producer-adds',
    onError: (error) => log.debug('redis, for adds', { error }),
    commandMs: redisMs,
    sendOnce: true,
  })
  try {
    await inTime(START_MS, 'Redis', Promise.all([redis, sendOnce].map(ready))).catch(() => {
      throw notReached(redisUrl, last)
    })
    await requireFitServer(redis, log)
    return { redis, sendOnce }
  } catch (error) {
    redis.disconnect()
    sendOnce.disconnect()
    throw error
  }
}

const ready = (redis: Redis) => new Promise((resolve) => void redis.once('ready', resolve))

function notReached(url: string, cause: (Error & { readonly code?: string }) | undefined): CohortError {
  const why = cause === undefined ? `no answer after ${START_MS} ms` : (cause.code ?? cause.message)
  return new CohortError(
    'redis_unavailable',
    `Redis at ${placeOf(url)} (REDIS_URL) cannot be reached: ${why}`,
  )
}

/** Without the user and the password. */
function placeOf(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null || parsed.protocol === 'unix:') return url
  return `${parsed.protocol}//${parsed.hostname}:${parsed.port === '' ? 6379 : parsed.port}`
}
