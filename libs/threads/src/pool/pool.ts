// leg: dispatch. Warm, pinned threads that run tasks first come first served. Next: enter-thread.ts
import type { Worker } from 'node:worker_threads'
import { CohortError, JOB_STEPS } from '@cohort/contracts'
import { Piscina } from 'piscina'
import type { Answer, ThreadFacts, ThreadReport, ThreadStart } from './report.js'
import { freeSeat, makeSeats, type Seats } from './seats.js'

export interface PoolOptions<Data> {
  /** A module whose default export is made by `enterThread`. */
  readonly filename: URL
  readonly threads: number
  /** One for each thread, the first threads first; threads beyond them run unpinned. None: all unpinned. */
  readonly cpus: readonly number[]
  /** Handed to each thread; a shared memory stays shared. */
  readonly workerData: Data
  /**
   * Tasks that may be here at once, running or waiting; `overloaded` beyond. By default a task for each step
   * of threads + 1 of the largest jobs.
   */
  readonly maxTasks?: number
  /** How long `start` waits for all threads to report. 30,000 by default. */
  readonly startMs?: number
  /** How long `stop` waits for tasks before it ends the threads under them. 5,000 by default. */
  readonly stopMs?: number
  /** For the log. */
  readonly onEvent?: (event: ThreadEvent) => void
}

/**
 * `started`: warm, the first ones and each replacement. `lost`: ended by itself; a replacement is on its way.
 * `failed`: the replacement did not start, the pool rejects all tasks from now on and the process should end.
 */
export type ThreadEvent =
  | { readonly kind: 'started'; readonly thread: ThreadFacts }
  | { readonly kind: 'lost'; readonly thread: ThreadFacts; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: CohortError }

/**
 * Threads end in one way only: their Worker exits. The seat is then free, the replacement, which Piscina
 * starts, takes it, and the task that ran there rejects as `thread_lost`. A thread counts, and is given
 * tasks, from its report on.
 */
export class Pool<Task, Result> {
  readonly #piscina: Piscina<Task, Answer<Result>>
  readonly #seats: Seats
  readonly #options: PoolOptions<unknown>
  readonly #maxTasks: number
  readonly #warm = new Map<number, ThreadFacts>()
  readonly #exits = new Map<Worker, Promise<void>>()
  readonly #started = Promise.withResolvers<void>()
  readonly #idle = Promise.withResolvers<void>()
  #tasks = 0
  #stopped: Promise<void> | undefined
  #ended: Promise<void> | undefined
  #failure: CohortError | undefined

  /**
   * Resolves when every thread has loaded its file, is pinned and has reported; rejects when one cannot,
   * leaving none.
   */
  static async start<Task, Result>(options: PoolOptions<unknown>): Promise<Pool<Task, Result>> {
    const pool = new Pool<Task, Result>(options)
    const { startMs = 30_000 } = options
    const late = setTimeout(() => pool.#fail(`not all threads reported within ${startMs} ms`), startMs)
    try {
      await pool.#started.promise
      return pool
    } catch (error) {
      await pool.stop()
      throw error
    } finally {
      clearTimeout(late)
    }
  }

  private constructor(options: PoolOptions<unknown>) {
    const { threads, cpus, filename, workerData: data } = options
    this.#options = options
    this.#maxTasks = options.maxTasks ?? (threads + 1) * JOB_STEPS
    this.#seats = makeSeats(threads, cpus)
    this.#piscina = new Piscina({
      filename: filename.href,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: Infinity,
      // A task that finds all threads busy goes back to the head of the queue, not to its tail.
      stricterFIFO: true,
      // Its other modes save at most 7 of 22 µs on a task that does nothing, and nothing on one of 100 µs. In
      // 'sync' a thread that died of an uncaught error hung in Atomics.wait in 4 of 20 tries and never exited.
      atomics: 'disabled',
      recordTiming: false,
      workerData: { seats: this.#seats, data } satisfies ThreadStart<unknown>,
      // Piscina’s own would give the next task to a replacement that is still starting.
      loadBalancer: (_task, workers) =>
        workers.find(({ id, currentUsage }) => currentUsage === 0 && this.#warm.has(id)) ?? null,
    })
    this.#piscina.on('message', (message: unknown) => {
      if (isReport(message)) this.#onReport(message.cohortThread)
    })
    // Piscina starts the replacement directly after it tells that a thread is gone.
    this.#piscina.on('workerDestroy', () => queueMicrotask(() => this.#watch()))
    // Told to the thread's own listeners too, where its exit is handled; without a listener here it would end
    // the process.
    this.#piscina.on('error', () => {})
    this.#watch()
  }

  get threads(): readonly ThreadFacts[] {
    return [...this.#warm.values()]
  }

  /**
   * Rejects with CohortError: `thread_lost` when its thread died, `overloaded` beyond maxTasks, `not_ready`
   * when the pool stops or has failed, the code of the CohortError that the task threw, `internal` for
   * anything else that it threw.
   */
  async run(task: Task): Promise<Result> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#stopped !== undefined) throw stopping()
    if (this.#tasks >= this.#maxTasks)
      throw new CohortError('overloaded', `${this.#tasks} tasks wait for a thread already`)
    this.#tasks += 1
    try {
      return unwrap(await this.#piscina.run(task).catch((error: unknown) => this.#undone(error)))
    } finally {
      this.#tasks -= 1
      if (this.#tasks === 0 && this.#stopped !== undefined) this.#idle.resolve()
    }
  }

  /** Takes no more tasks, waits for those that are here (at most stopMs) and ends all threads. */
  stop(): Promise<void> {
    this.#stopped ??= this.#end()
    return this.#stopped
  }

  async #end(): Promise<void> {
    if (this.#tasks > 0) {
      const late = setTimeout(() => this.#idle.resolve(), this.#options.stopMs ?? 5_000)
      await this.#idle.promise
      clearTimeout(late)
    }
    await this.#endThreads()
  }

  /**
   * Piscina replaces a thread whose exit it sees before or after, but not while it destroys: so once, and
   * until none is left.
   */
  #endThreads(): Promise<void> {
    const end = async (): Promise<void> => {
      do {
        await this.#piscina.destroy()
        this.#watch()
        await Promise.all(this.#exits.values())
      } while (this.#piscina.threads.length > 0)
    }
    this.#ended ??= end()
    return this.#ended
  }

  /** Listens to each thread that it does not know yet. */
  #watch(): void {
    for (const worker of this.#piscina.threads) {
      if (this.#exits.has(worker)) continue
      // Read now: it is −1 when the thread has ended.
      const { threadId } = worker
      const exit = Promise.withResolvers<void>()
      this.#exits.set(worker, exit.promise)
      let thrown: string | undefined
      worker.once('error', (error: unknown) => (thrown = String(error)))
      worker.once('exit', (code) => {
        this.#exits.delete(worker)
        exit.resolve()
        this.#onExit(threadId, thrown ?? `exit code ${code}`)
      })
    }
  }

  #onReport(thread: ThreadFacts): void {
    this.#warm.set(thread.threadId, thread)
    this.#options.onEvent?.({ kind: 'started', thread })
    if (this.#warm.size === this.#options.threads) this.#started.resolve()
  }

  #onExit(threadId: number, reason: string): void {
    freeSeat(this.#seats, threadId)
    const thread = this.#warm.get(threadId)
    this.#warm.delete(threadId)
    if (this.#stopped !== undefined || this.#failure !== undefined) return
    if (thread === undefined) this.#fail(`a thread did not start: ${reason}`)
    else this.#options.onEvent?.({ kind: 'lost', thread, reason })
  }

  /**
   * Not tried again: what keeps a file from loading that has loaded before is mended by a new process, not by
   * a loop.
   */
  #fail(detail: string): void {
    this.#failure = new CohortError('not_ready', `The pool has failed: ${detail}`)
    this.#started.reject(this.#failure)
    this.#options.onEvent?.({ kind: 'failed', error: this.#failure })
    void this.#endThreads()
  }

  /** Why Piscina gave a task back without an answer. */
  #undone(cause: unknown): never {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#stopped !== undefined) throw stopping()
    if (cause instanceof Error && cause.name === 'DataCloneError') {
      throw new CohortError('internal', `Task or result cannot cross between threads: ${cause.message}`, {
        cause,
      })
    }
    throw new CohortError('thread_lost', `The thread that ran the task died: ${String(cause)}`, { cause })
  }
}

function unwrap<Result>(answer: Answer<Result>): Result {
  if (answer.ok) return answer.value
  const cause = new Error(answer.message)
  if (answer.stack !== undefined) cause.stack = answer.stack
  throw new CohortError(answer.code, answer.message, { cause })
}

const isReport = (message: unknown): message is ThreadReport =>
  typeof message === 'object' && message !== null && 'cohortThread' in message

const stopping = (): CohortError => new CohortError('not_ready', 'The pool is stopping')
