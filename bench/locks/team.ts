// Warm threads that work on one memory at once, and what they found held against what is right. Used by ../locks.ts
import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { CohortError } from '@cohort/contracts'
import { allowedCpus } from '@cohort/threads'
import type { Answer } from './thread.js'
import { BYTES, GUARDED, VARIANTS } from './work.js'

export interface Timed {
  /** Of one operation, as the thread sees that does it. */
  readonly ns: number
  /** Of one operation, CPU time. */
  readonly cpuNs: number
  /** Of the threads' time, 0 to 1, that was spent waiting; undefined where the structure does not say. */
  readonly waited: number | undefined
}

export class Team {
  readonly #workers: readonly Worker[]

  constructor(threads: number) {
    const file = new URL('./thread.js', import.meta.url)
    const cpus = allowedCpus()
    this.#workers = Array.from(
      { length: threads },
      (_, at) => new Worker(file, { workerData: cpus[at % cpus.length] }),
    )
  }

  /** `times` operations by each of so many threads. Throws where an answer is wrong. */
  async run(variant: number, threads: number, times: number): Promise<Timed> {
    const buffer = new SharedArrayBuffer(BYTES)
    const { port1, port2 } = new MessageChannel()
    const ports = [port1, port2, ...Array.from({ length: threads }, () => new MessageChannel().port1)]
    const answers = await Promise.all(
      this.#workers.slice(0, threads).map(async (worker, me) => {
        const port = ports[me]
        worker.postMessage({ variant, buffer, me, threads, times, port }, [port])
        return ((await once(worker, 'message')) as [Answer])[0]
      }),
    )
    for (const port of ports) port.close()
    const { case: name, variant: what, guards, waitedNs } = VARIANTS[variant]
    const guarded = new Int32Array(buffer, GUARDED, 1)[0]
    const expected = guards?.(times, threads) ?? guarded
    if (answers.some(({ right }) => right !== times) || guarded !== expected)
      throw new CohortError('internal', `${name}, ${what}: ${threads} threads came to a wrong result`)
    const sum = answers.reduce((total, { ns }) => total + ns, 0)
    const cpu = answers.reduce((total, { cpuNs }) => total + cpuNs, 0)
    const operations = threads * times
    return { ns: sum / operations, cpuNs: cpu / operations, waited: waitedNs && waitedNs(buffer) / sum }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}
