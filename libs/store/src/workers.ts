// Which workers are alive: each says so every now and then; the server's clock decides.
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
  /** Those alive, in the order of their ids; without those whose word of themselves is damaged. */
  list(): Promise<AliveWorker[]>
  /** Says goodbye: the worker is not alive from now on. */
  remove(id: string): Promise<void>
}

/** `onDamaged` is told once of each worker whose word of itself is damaged, for as long as it stays so. */
export function openWorkers(redis: Redis, onDamaged: (id: string) => void = () => {}): Workers {
  const both = [keys.workers, keys.workerInfo]
  let told = new Set<string>()
  const tell = (damaged: Set<string>) => {
    const before = told
    told = damaged
    for (const id of damaged) if (!before.has(id)) onDamaged(id)
  }
  return {
    async beat(id, info) {
      await run(redis, 'worker-beat', { keys: both, args: [id, JSON.stringify(info), WORKER_SILENT_MS] })
    },
    async list() {
      const flat = await run(redis, 'worker-list', { keys: both, args: [WORKER_SILENT_MS] })
      const found = flat.flatMap((id, i) => (i % 2 === 0 ? [{ id, info: infoIn(flat[i + 1]) }] : []))
      tell(new Set(found.flatMap(({ id, info }) => (info === undefined ? [id] : []))))
      return found.flatMap(({ id, info }) => (info === undefined ? [] : [{ ...info, id }]))
    },
    async remove(id) {
      await answeredAll(redis.multi().zrem(keys.workers, id).hdel(keys.workerInfo, id))
    },
  }
}

/** Undefined where it is damaged: whoever lists workers goes by all of it. */
function infoIn(text: string | null | undefined): WorkerInfo | undefined {
  try {
    const info: unknown = JSON.parse(text ?? '')
    return isInfo(info) ? info : undefined
  } catch {
    // Not JSON: the caller is told which worker it is.
    return undefined
  }
}

function isInfo(info: unknown): info is WorkerInfo {
  if (!isObject(info)) return false
  const { host, pid, threads, cpus, progress } = info
  return typeof host === 'string' && isCount(pid) && isCount(threads) && isCpus(cpus) && isProgress(progress)
}

const isCpus = (cpus: unknown): boolean => Array.isArray(cpus) && cpus.every(isCountOrNull)

function isProgress(progress: unknown): boolean {
  if (!isObject(progress)) return false
  const { upMs, steps, threads } = progress
  return isTime(upMs) && isCount(steps) && Array.isArray(threads) && threads.every(isThread)
}

const isThread = (thread: unknown): boolean =>
  isObject(thread) &&
  isCountOrNull(thread['seat']) &&
  isCountOrNull(thread['cpu']) &&
  isTime(thread['computeMs'])

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0
const isCountOrNull = (value: unknown): boolean => value === null || isCount(value)
const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0
