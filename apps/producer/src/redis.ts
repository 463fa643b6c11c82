// The connection to Redis, and whether that server can be used: said plainly before anything is served.
import { connect, PRODUCER_ADDS, requireFitServer, untilReached, type Redis } from '@cohort/store'
import type { Log } from '@cohort/telemetry'
import type { ProducerConfig } from './config.js'

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
  const redis = connect(redisUrl, {
    name: 'cohort-producer',
    onError: (error) => log.warn('redis', { error }),
    commandMs: redisMs,
  })
  const sendOnce = connect(redisUrl, {
    name: PRODUCER_ADDS,
    onError: (error) => log.debug('redis, for adds', { error }),
    commandMs: redisMs,
    sendOnce: true,
  })
  try {
    const onWait = (reason: string) => log.warn('waiting for Redis', { reason })
    await untilReached([redis, sendOnce], { url: redisUrl, onWait })
    await requireFitServer(redis, log)
    return { redis, sendOnce }
  } catch (error) {
    redis.disconnect()
    sendOnce.disconnect()
    throw error
  }
}
