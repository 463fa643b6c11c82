// Which workers are alive: each says so every now and then; the server's clock decides.
import { CohortError } from '@cohort/contracts'
import type { Redis } from 'ioredis'
import { keys } from './keys.js'
import { answeredAll } from './redis-error.js'
import { run } from './scripts.js'

/** How often a worker says that it is alive. */
export const WORKER_BEAT_MS = 1_000
/** A worker that has been silent for so long is not alive. */
const WORKER_SILENT_MS = 5_000

/** What a worker says of itself. */
export interface WorkerInfo {
  readonly host: string
  readonly pid: number
  readonly threads: number
  /** The core that each thread is pinned to; null where it is not. */
  readonly cpus: readonly (number | null)[]
  readonly progress: WorkerProgress
}

/** What a worker has done since it started: two of them tell how fast it is. */
export interface WorkerProgress {
  /** On the worker's clock, which is never set back. */
  readonly upMs: number
  /** Applied; those that failed are not counted. */
  readonly steps: number
  /** The threads that it has now. */
  readonly threads: readonly ThreadProgress[]
}

export interface ThreadProgress {
  /** A thread that takes the place of a dead one has its seat, and goes on with its time. */
  readonly seat: number | null
  readonly cpu: number | null
  /** Stepping agents. */
  readonly computeMs: number
}

export interface AliveWorker extends WorkerInfo {
  readonly id: string
}

export interface Workers {
  beat(id: string, info: WorkerInfo): Promise<void>
  /** Those alive, in the order of their ids. */
  list(): Promise<AliveWorker[]>
  /** Says goodbye: the worker is not alive from now on. */
  remove(id: string): Promise<void>
}

export function openWorkers(redis: Redis): Workers {
  const both = [keys.workers, keys.workerInfo]
  return {
    async beat(id, info) {
      await run(redis, 'worker-beat', { keys: both, args: [id, JSON.stringify(info), WORKER_SILENT_MS] })
    },
    async list() {
      const flat = await run(redis, 'worker-list', { keys: both, args: [WORKER_SILENT_MS] })
      return flat.flatMap((id, i) => (i % 2 === 0 ? [aliveWorker(id, flat[i + 1] ?? '')] : []))
    },
    async remove(id) {
      await answeredAll(redis.multi().zrem(keys.workers, id).hdel(keys.workerInfo, id))
    },
  }
}

function aliveWorker(id: string, text: string): AliveWorker {
  try {
    return { ...(JSON.parse(text) as WorkerInfo), id }
  } catch (error) {
    throw new CohortError('corrupt_record', `what worker ${id} said of itself is damaged`, { cause: error })
  }
}
