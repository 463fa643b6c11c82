// The connection to Redis, and whether that server can be used: said plainly before anything is served.
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
  const onError = (error: Error) => log.warn('redis', { error })
  const redis = connect(redisUrl, { name: 'cohort-producer', onError, commandMs: redisMs })
  const sendOnce = connect(redisUrl, {
    name: 'cohort-producer-adds',
    onError: (error) => log.debug('redis, for adds', { error }),
    commandMs: redisMs,
    sendOnce: true,
  })
  try {
    await inTime(START_MS, 'Redis', Promise.all([redis, sendOnce].map(ready)))
    await requireFitServer(redis, log)
    return { redis, sendOnce }
  } catch (error) {
    redis.disconnect()
    sendOnce.disconnect()
    throw error
  }
}

const ready = (redis: Redis) => new Promise((resolve) => void redis.once('ready', resolve))
