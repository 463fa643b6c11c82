// event-loop-aware scheduling: how many jobs are taken at once, as the main thread keeps up. Used by worker.ts
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** What happened since the last look. */
export interface IntakeSample {
  /** How late the event loop was, at its 99th percentile, in milliseconds. */
  readonly lateMs: number
  /** Part of the time that it was busy. */
  readonly busy: number
  /** Jobs in hand now. */
  readonly jobs: number
  /** Threads that have nothing to do now. */
  readonly idle: number
}

/** The loop's delay that a worker promises at its 99th percentile. */
const LATE_MS = 10
/** A loop that is busier has nothing to give to more jobs. */
const BUSY = 0.9
/** With fewer a job is not loaded while another computes. */
const LEAST = 2

/** One job is loaded while the threads compute others. */
export const firstIntake = (threads: number): number => threads + 1

/** Jobs in hand at the most. */
export const mostIntake = (threads: number): number => 4 * firstIntake(threads)

/**
 * One fewer where the loop is late: each job in hand makes the others wait for the main thread. One more where all that
 * are allowed are in hand, a thread has nothing to do, and the loop has time: then it is the threads that wait.
 */
export function nextIntake(now: number, threads: number, { lateMs, busy, jobs, idle }: IntakeSample): number {
  if (lateMs > LATE_MS) return Math.max(LEAST, now - 1)
  const threadsWait = jobs >= now && idle > 0
  if (threadsWait && busy < BUSY) return Math.min(mostIntake(threads), now + 1)
  return now
}

/** Long enough for some hundred readings, of which one in a hundred may be late. */
const LOOK_MS = 1000
/** What the monitor records is this pause and the delay on top of it. */
const RESOLUTION_MS = 5

export interface Intake {
  /** Jobs that are taken at once now. */
  readonly jobs: number
  close(): void
}

export interface IntakeNeeds {
  readonly threads: number
  readonly look: () => Pick<IntakeSample, 'jobs' | 'idle'>
  readonly onChange: (jobs: number) => void
}

/** Looks once a second. */
export function openIntake({ threads, look, onChange }: IntakeNeeds): Intake {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let before = performance.eventLoopUtilization()
  let jobs = firstIntake(threads)
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    const { utilization: busy } = performance.eventLoopUtilization(now, before)
    before = now
    const lateMs = delay.percentile(99) / 1e6 - RESOLUTION_MS
    delay.reset()
    const next = nextIntake(jobs, threads, { lateMs, busy, ...look() })
    if (next !== jobs) onChange((jobs = next))
  }, LOOK_MS).unref()
  return {
    get jobs() {
      return jobs
    },
    close() {
      clearInterval(timer)
      delay.disable()
    },
  }
}
