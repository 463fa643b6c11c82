// What this worker has done since it started, for its heartbeat: counted from each job's report.
import type { ThreadProgress, WorkerProgress } from '@cohort/store'
import { nowMs } from '@cohort/telemetry'
import type { ThreadFacts } from '@cohort/threads'
import type { JobReport } from '../job/report.js'

export class Progress {
  readonly #startMs = nowMs()
  /** By seat: as many as the pool has, however many threads have died. */
  readonly #computeMs = new Map<number | null, number>()
  #steps = 0

  /** Steps count once they are applied; a thread's time counts whatever came of it. */
  count({
    job,
    outcome,
    failedRows,
    tasks,
  }: Pick<JobReport, 'job' | 'outcome' | 'failedRows' | 'tasks'>): void {
    if (outcome === 'done') this.#steps += job.count - failedRows
    for (const { thread, mappedMs, endMs } of tasks) {
      const { seat } = thread
      this.#computeMs.set(seat, (this.#computeMs.get(seat) ?? 0) + endMs - mappedMs)
    }
  }

  /** `threads`: those that the pool has now. */
  look(threads: readonly Pick<ThreadFacts, 'seat' | 'cpu'>[]): WorkerProgress {
    return {
      upMs: nowMs() - this.#startMs,
      steps: this.#steps,
      threads: threads.map(({ seat, cpu }): ThreadProgress => {
        return { seat, cpu, computeMs: this.#computeMs.get(seat) ?? 0 }
      }),
    }
  }
}
