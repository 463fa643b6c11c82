// `cohort doctor --measure`: compute threads as a worker would have them, pinned beside unpinned, on this machine now.
import {
  claimedCpus,
  coresOf,
  defaultThreads,
  Pool,
  readThrottling,
  takeCores,
  type TakenCores,
  type Verdict,
  verdictOf,
  wishHere,
  writeVerdict,
} from '@cohort/threads'
import { compare, type Comparison } from './compare.js'
import type { StepTimes } from './thread.js'

/** How long is compared, and how long a round of it takes, about. */
const COMPARE_MS = 3_000
const ROUND_MS = 60
const WARM_MS = 300
/** Tasks of a round for each thread: as in a worker, whoever is done takes the next. */
const TASKS_EACH = 16

/** tsc leaves this string as it is: it names the built file, beside this one. */
const THREAD_FILE = new URL('./thread.js', import.meta.url)

/** Why nothing was measured. */
interface Refusal {
  readonly reason: string
}

interface Compared {
  readonly comparison: Comparison
  /** Periods of the CPU quota in which all stood still meanwhile. */
  readonly throttled: number
}

export type Measured = (Compared & { readonly verdict: Verdict }) | Refusal

/** `threads`: COHORT_THREADS. The verdict is kept in `dir`. Claims the cores while it measures. */
export async function measurePinning(threads: number | undefined, dir: string): Promise<Measured> {
  const wish = wishHere({ threads })
  const ours = coresOf(wish.topology).flatMap(({ siblings }) => siblings)
  const others = claimedCpus()?.filter((cpu) => ours.includes(cpu)) ?? []
  if (others.length > 0)
    return { reason: `workers of this machine have CPU ${others.join(', ')}: stop them first` }
  const taken = await takeCores(wish, defaultThreads())
  try {
    if (taken.cpus.length === 0) return { reason: taken.note ?? 'there is no CPU to pin to' }
    const compared = await comparePools(taken, COMPARE_MS)
    if ('reason' in compared) return compared
    const { ratio } = compared.comparison
    const at = new Date().toISOString()
    const verdict = verdictOf({ threads: taken.threads, ratio, at }, wish.topology)
    writeVerdict(dir, verdict)
    return { verdict, ...compared }
  } finally {
    await taken.release()
  }
}

type StepPool = Pool<StepTimes, number>

/** A pool on these CPUs beside one that the system puts where it likes. */
export async function comparePools(
  { cpus, threads }: Pick<TakenCores, 'cpus' | 'threads'>,
  ms: number,
): Promise<Compared | Refusal> {
  const pools: StepPool[] = []
  const start = async (on: readonly number[]) => {
    const options = { filename: THREAD_FILE, threads, cpus: on, workerData: undefined }
    const pool = await Pool.start<StepTimes, number>(options)
    pools.push(pool)
    return pool
  }
  try {
    const [pinned, unpinned] = [await start(cpus), await start([])]
    const unpinnable = pinned.threads.find(({ cpu, seat }) => cpu === null && seat < cpus.length)
    if (unpinnable !== undefined) return { reason: unpinnable.note ?? 'threads cannot be pinned' }
    const [one, other] = [await warmRoundMs(pinned), await warmRoundMs(unpinned)]
    const times = Math.max(1, Math.round(ROUND_MS / Math.min(one, other)))
    const before = readThrottling()?.throttled ?? 0
    const comparison = await compare(
      () => round(pinned, times),
      () => round(unpinned, times),
      { ms, now: () => performance.now() },
    )
    return { comparison, throttled: (readThrottling()?.throttled ?? 0) - before }
  } finally {
    await Promise.all(pools.map((pool) => pool.stop()))
  }
}

/** Milliseconds of a round of single steps, of a warm pool: code that runs for the first times is slow. */
async function warmRoundMs(pool: StepPool): Promise<number> {
  let from = performance.now()
  for (const until = from + WARM_MS; from < until; from = performance.now()) await round(pool, 1)
  await round(pool, 1)
  return performance.now() - from
}

async function round(pool: StepPool, times: StepTimes): Promise<void> {
  const tasks = TASKS_EACH * pool.threads.length
  await Promise.all(Array.from({ length: tasks }, () => pool.run(times)))
}
