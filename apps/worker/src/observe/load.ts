// What this worker has done since it started, for its heartbeat: counted from each job's report.
import type { ThreadLoad, WorkerLoad } from '@cohort/store'
import { nowMs } from '@cohort/telemetry'
import type { ThreadFacts } from '@cohort/threads'
import type { JobReport } from '../job/report.js'

export class Load {
  readonly #startMs = nowMs()
  readonly #computeMs = new Map<number, number>()
  #steps = 0

  /** Steps count once they are applied; a thread's time counts whatever came of it. */
  count({
    job,
    outcome,
    failedRows,
    tasks,
  }: Pick<JobReport, 'job' | 'outcome' | 'failedRows' | 'tasks'>): void {
    if (outcome === 'done') this.#steps += job.count - failedRows
    for (const { thread, startMs, endMs } of tasks) {
      const { threadId } = thread
      this.#computeMs.set(threadId, (this.#computeMs.get(threadId) ?? 0) + endMs - startMs)
    }
  }

  /** `threads`: those that the pool has now. */
  look(threads: readonly Pick<ThreadFacts, 'threadId' | 'cpu'>[]): WorkerLoad {
    return {
      upMs: nowMs() - this.#startMs,
      steps: this.#steps,
      threads: threads.map(({ threadId, cpu }): ThreadLoad => {
        return { id: threadId, cpu, computeMs: this.#computeMs.get(threadId) ?? 0 }
      }),
    }
  }
}
