// The pool of compute threads of this process: how many, on which cores, on which memory.
import { Arena } from '@cohort/cache'
import { JOB_STEPS } from '@cohort/contracts'
import { KERNEL_SCRATCH_BYTES } from '@cohort/inference'
import type { Log } from '@cohort/telemetry'
import {
  defaultThreads,
  keepThisThreadOn,
  Pool,
  readVerdict,
  slowerPinned,
  takeCores,
  type ThreadEvent,
  type Wish,
  wishHere,
} from '@cohort/threads'
import type { WorkerConfig } from './config.js'
import type { Drain } from './drain.js'
import { mostIntake } from './intake.js'
import type { Task, TaskResult, ThreadData } from './thread/task.js'

export type ComputePool = Pool<Task, TaskResult>

/** tsc leaves this string as it is: it names the built file, beside this one. */
export const THREAD_FILE = new URL('./thread/main.js', import.meta.url)

interface Surroundings {
  /** Another file for the threads: of tests, which plant faults in them. */
  readonly threadFile?: URL
  /** The most MiB that a thread's heap may hold; V8 decides where left out. */
  readonly heapMiB?: number
  readonly config: WorkerConfig
  readonly log: Log
  readonly drain: Drain
  readonly arena: Arena
}

/** The memory of slots and models, and a kernel's scratch for each thread beside it. */
export function openArena(config: WorkerConfig): Arena {
  const scratchBytes = (config.threads ?? defaultThreads()) * KERNEL_SCRATCH_BYTES
  const maxBytes = Math.min(MOST_BYTES, config.arenaBytes + scratchBytes)
  return new Arena({ maxBytes, slotBytes: config.slotBytes, scratchBytes })
}

/** Of a memory that is addressed with 32 bits. */
const MOST_BYTES = 2 ** 32

/** Asked for once, where the arena is made: the cores that we may use can change in between. */
const wantedThreads = ({ scratchBytes }: Arena): number => scratchBytes / KERNEL_SCRATCH_BYTES

/** Resolves when all are warm. Where a dead one cannot be replaced the process ends, and others take its jobs. */
export async function startComputePool({
  config,
  log,
  drain,
  arena,
  ...others
}: Surroundings): Promise<ComputePool> {
  const { cpus, threads } = await seats(wantedThreads(arena), { config, log, drain })
  const { memory, scratch } = arena
  const workerData: ThreadData = { memory, scratch, limits: config.limits }
  const onEvent = (event: ThreadEvent) => {
    if (event.kind === 'started') log.debug('a compute thread has started', { ...event.thread })
    else if (event.kind === 'retired') log.debug('a compute thread has been retired', { ...event.thread })
    else if (event.kind === 'lost')
      log.error('a compute thread died; another takes its place', { ...event.thread, reason: event.reason })
    else if (!drain.begun) {
      log.error('a compute thread cannot be replaced', { error: event.error })
      void drain.begin('the pool has failed', 1)
    }
  }
  const pool = await Pool.start<Task, TaskResult>({
    filename: others.threadFile ?? THREAD_FILE,
    threads,
    cpus,
    workerData,
    onEvent,
    tuning: { affinity: config.affinity },
    maxTasks: mostTasks(config.jobsAtOnce ?? mostIntake(threads)),
    ...(others.heapMiB === undefined ? {} : { heapMiB: others.heapMiB }),
  })
  drain.opened('compute threads', () => pool.stop())
  for (const note of new Set(pool.threads.map((thread) => thread.note))) {
    // Where no core was claimed the reason has been told.
    if (note !== undefined && cpus.length > 0) log.warn('compute threads are not pinned', { reason: note })
  }
  return pool
}

/** A task for each step of so many of the largest jobs, and a compile for each: more can never be here. */
const mostTasks = (jobs: number): number => jobs * (JOB_STEPS + 1)

/** As many threads as were asked for, else one a free core; the cores are theirs until the end. */
async function seats(
  wanted: number,
  { config, log, drain }: Pick<Surroundings, 'config' | 'log' | 'drain'>,
): Promise<{ cpus: readonly number[]; threads: number }> {
  const wish = wishHere({ threads: config.threads })
  const reason = whyUnpinned(config, wish)
  if (reason !== undefined) {
    log.warn('no core is claimed', { reason })
    return { cpus: [], threads: wanted }
  }
  const taken = await takeCores(wish, wanted)
  drain.opened('claimed cores', () => taken.release())
  if (taken.note !== undefined) log.warn('cores', { reason: taken.note })
  if (taken.node !== undefined) stayOn(taken.node, log)
  return taken
}

function whyUnpinned({ pinning, dir }: WorkerConfig, { topology }: Wish): string | undefined {
  if (pinning === 'off') return 'COHORT_PINNING is off'
  if (topology.places.length === 0) return 'this platform does not say which there are'
  return pinning === 'on' || dir === undefined ? undefined : slowerPinned(readVerdict(dir, topology))
}

/**
 * The main thread writes slots and models, and memory is on the node of the CPU that touches it first: so it is kept on
 * that of the compute threads.
 */
function stayOn(cpus: readonly number[], log: Log): void {
  const kept = keepThisThreadOn(cpus)
  if (kept.kept) log.info('the worker stays on one memory node', { cpus })
  else log.warn('the main thread may be far from its memory', { reason: kept.reason })
}
