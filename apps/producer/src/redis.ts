// The connection to Redis, and whether that server can be used: said plainly before anything is served.
import { CohortError } from '@cohort/contracts'
import { connect, inspectServer, type Redis } from '@cohort/store'
import type { ProducerConfig } from './config.js'
import { inTime } from './in-time.js'
import type { Log } from './log.js'

/** How long a start waits for a server that is not there yet. */
const START_MS = 15_000

/** Throws `redis_unavailable` where it is not reached, `redis_unfit` with all that must be changed. */
export async function openCheckedRedis({ redisUrl, redisMs }: ProducerConfig, log: Log): Promise<Redis> {
  const onError = (error: Error) => log.warn('redis', { error })
  const redis = connect(redisUrl, { name: 'cohort-producer', onError, commandMs: redisMs })
  try {
    await inTime(START_MS, 'Redis', new Promise((resolve) => void redis.once('ready', resolve)))
    const { software, version, appendOnly, appendFsync, faults, notes } = await inspectServer(redis)
    if (faults.length > 0) throw new CohortError('redis_unfit', faults.join('; '))
    log.info('connected', { software, version, appendOnly, appendFsync })
    for (const note of notes) log.warn(note)
    return redis
  } catch (error) {
    redis.disconnect()
    throw error
  }
}
