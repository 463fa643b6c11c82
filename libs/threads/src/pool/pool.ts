// leg: dispatch. Hands tasks to warm threads: by when they are due, and where they were last. Next: pool-thread.ts
import { CohortError } from '@cohort/contracts'
import { Crew, type CrewEvent } from './crew.js'
import { type Bounds, fixedBounds } from './growth.js'
import { LastSeats } from './last-seats.js'
import type { Order, PoolThread } from './pool-thread.js'
import type { Answer, ThreadFacts } from './report.js'
import { dueMs, type Priority, TaskQueue } from './task-queue.js'

export interface PoolOptions<Data> {
  /** A module whose default export is made by `enterThread`. */
  readonly filename: URL
  /** A number for so many always, or bounds within which it follows the load. */
  readonly threads: number | Bounds
  /** One for each seat, the first seats first; threads beyond them run unpinned. None: all unpinned. */
  readonly cpus: readonly number[]
  /** Handed to each thread; a shared memory stays shared. */
  readonly workerData: Data
  /**
   * Tasks that may be here at once, running or waiting; `overloaded` beyond. 65,536 where left out.
   */
  readonly maxTasks?: number
  /** What may be switched on and off: all but affinity are on where left out. */
  readonly tuning?: Partial<Tuning>
  /** The most that a thread's heap may hold, in MiB; a thread beyond is lost. V8 decides where left out. */
  readonly heapMiB?: number
  /** How long `start` waits for all threads to report. By default 30,000, and 1,000 for each of them. */
  readonly startMs?: number
  /** How long `stop` waits for tasks before it ends the threads under them. 5,000 by default. */
  readonly stopMs?: number
  /** For the log. */
  readonly onEvent?: (event: ThreadEvent) => void
}

export interface Tuning {
  /** A thread that runs something short has the next task in its hand. */
  readonly ahead: boolean
  /** Short tasks share a message. */
  readonly bundles: boolean
  /** A task goes to the thread that had the same in hand last. */
  readonly affinity: boolean
}

/** Affinity costs nothing and gave nothing where it was measured: a job's rows lie elsewhere each time. */
const DEFAULT: Tuning = { ahead: true, bundles: true, affinity: false }

/** `failed`: a thread did not start, the pool rejects all tasks from now on and the process should end. */
export type ThreadEvent = CrewEvent | { readonly kind: 'failed'; readonly error: CohortError }

export interface TaskOptions {
  /** `normal` where left out. */
  readonly priority?: Priority
  /** When it should have begun, milliseconds since 1970: it goes before those that are due later. */
  readonly deadlineMs?: number | undefined
  /** What it works on: with affinity it goes to the thread that did so last, where that costs no wait. */
  readonly affinity?: string
  /** How long it takes, estimated: short ones share a message. One without an estimate goes alone. */
  readonly costMs?: number
  /** When its thread is taken for hung and is replaced. 60,000 where left out. */
  readonly limitMs?: number
}

/** Since the start; `waiting` now. */
export interface PoolCounters {
  readonly tasks: number
  /** Messages to threads; each holds one task or several short ones. */
  readonly bundles: number
  /** Tasks that went where what they work on was last; and those that another thread took, since that one was busy. */
  readonly affine: number
  readonly stolen: number
  /** Tasks for which no thread was better than another: all of them without affinity. */
  readonly free: number
  /** Tasks that had not begun when their thread died, and went to another. */
  readonly movedOn: number
  readonly waiting: number
}

const LIMIT_MS = 60_000
const MOST_TASKS = 65_536

/** Threads that start at once on few cores wait for each other. */
const defaultStartMs = (threads: number): number => 30_000 + 1000 * threads

/**
 * A thread that runs something short has the next in its hand, so that it never waits for the main thread; but while
 * one is idle nobody waits in the hand of another.
 */
export class Pool<Task, Result> {
  readonly #options: PoolOptions<unknown>
  readonly #crew: Crew<Task, Result>
  readonly #tuning: Tuning
  readonly #initial: number
  readonly #maxTasks: number
  readonly #queue = new TaskQueue<Order<Task, Result>>()
  readonly #lastSeats = new LastSeats()
  readonly #started = Promise.withResolvers<void>()
  readonly #idle = Promise.withResolvers<void>()
  readonly #counts = { tasks: 0, bundles: 0, affine: 0, stolen: 0, free: 0, movedOn: 0 }
  #tasks = 0
  #stopped: Promise<void> | undefined
  #failure: CohortError | undefined
  /** From when no thread takes anything any more. */
  #over: CohortError | undefined

  /**
   * Resolves when every thread has loaded its file, is pinned and has reported; rejects when one cannot,
   * leaving none.
   */
  static async start<Task, Result>(options: PoolOptions<unknown>): Promise<Pool<Task, Result>> {
    const pool = new Pool<Task, Result>(options)
    const { startMs = defaultStartMs(pool.#initial) } = options
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
    const { filename, threads, cpus, workerData: data, maxTasks, heapMiB } = options
    const bounds = typeof threads === 'number' ? fixedBounds(threads) : threads
    this.#options = options
    this.#tuning = { ...DEFAULT, ...options.tuning }
    this.#initial = bounds.initial
    this.#maxTasks = maxTasks ?? MOST_TASKS
    this.#crew = new Crew({
      filename,
      bounds,
      cpus,
      data,
      heapMiB,
      onEvent: (event) => this.#onEvent(event),
      onFailure: (detail) => this.#fail(detail),
      waiting: () => this.#queue.size,
    })
  }

  /** Those that are warm, by seat. */
  get threads(): readonly ThreadFacts[] {
    return this.#crew.facts
  }

  /** Threads that have nothing to do, and for which nothing waits. */
  get idle(): number {
    return this.#queue.size > 0 ? 0 : this.#crew.threads.filter(({ isIdle }) => isIdle).length
  }

  get counters(): PoolCounters {
    return { ...this.#counts, waiting: this.#queue.size }
  }

  /**
   * Rejects with CohortError: `thread_lost` when its thread died or hung, `overloaded` beyond maxTasks, `not_ready`
   * when the pool stops or has failed, the code of the CohortError that the task threw, `internal` for
   * anything else that it threw.
   */
  async run(task: Task, options: TaskOptions = {}): Promise<Result> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#stopped !== undefined) throw stopping()
    if (this.#tasks >= this.#maxTasks)
      throw new CohortError('overloaded', `${this.#tasks} tasks wait for a thread already`)
    this.#tasks += 1
    this.#counts.tasks += 1
    try {
      return unwrap(await this.#answerTo(task, options))
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
    await this.#endAll(this.#failure ?? stopping())
  }

  #answerTo(task: Task, { priority = 'normal', deadlineMs, ...rest }: TaskOptions): Promise<Answer<Result>> {
    const { promise, resolve: settle, reject } = Promise.withResolvers<Answer<Result>>()
    const { costMs, limitMs = LIMIT_MS } = rest
    const affinity = this.#tuning.affinity ? rest.affinity : undefined
    const undone = (error: unknown) => reject(this.#over ?? error)
    const seat = affinity === undefined ? undefined : this.#lastSeats.of(affinity)
    const nowMs = performance.timeOrigin + performance.now()
    this.#queue.add({
      task,
      dueMs: dueMs(nowMs, priority, deadlineMs),
      seat,
      affinity,
      costMs,
      limitMs,
      settle,
      reject: undone,
    })
    this.#handOut()
    return promise
  }

  /** To those that are idle; then, a task ahead, to those that run something short. */
  #handOut(): void {
    if (this.#over !== undefined) return
    const { threads } = this.#crew
    const { ahead, bundles } = this.#tuning
    for (const kind of ahead ? (['isIdle', 'hasRoom'] as const) : (['isIdle'] as const)) {
      const free = threads.filter((thread) => thread[kind])
      for (const thread of free) {
        if (this.#queue.size === 0) return
        // A share for each thread, also for those that are free a moment later.
        const share = bundles ? Math.ceil(this.#queue.size / threads.length) : 1
        const orders = this.#queue.take(thread.seat, share)
        void this.#give(thread, orders)
      }
    }
  }

  async #give(thread: PoolThread<Task, Result>, orders: readonly Order<Task, Result>[]): Promise<void> {
    const { seat } = thread
    this.#counts.bundles += 1
    for (const { affinity, seat: last } of orders) {
      this.#counts[last === undefined ? 'free' : last === seat ? 'affine' : 'stolen'] += 1
      if (affinity !== undefined) this.#lastSeats.set(affinity, seat)
    }
    const notBegun = await thread.give(orders)
    this.#counts.movedOn += notBegun.length
    for (const order of notBegun) {
      if (this.#over === undefined) this.#queue.add(order)
      else order.reject(this.#over)
    }
    this.#handOut()
  }

  #onEvent(event: CrewEvent): void {
    if (this.#over !== undefined) return
    this.#options.onEvent?.(event)
    if (event.kind !== 'started') return
    if (this.#crew.facts.length >= this.#initial) this.#started.resolve()
    this.#handOut()
  }

  /**
   * Not tried again: what keeps a file from loading that has loaded before is mended by a new process, not by
   * a loop.
   */
  #fail(detail: string): void {
    if (this.#failure !== undefined) return
    this.#failure = new CohortError('not_ready', `The pool has failed: ${detail}`)
    this.#started.reject(this.#failure)
    this.#options.onEvent?.({ kind: 'failed', error: this.#failure })
    void this.#endAll(this.#failure)
  }

  #endAll(over: CohortError): Promise<void> {
    this.#over ??= over
    for (const { reject } of this.#queue.clear()) reject(over)
    return this.#crew.end()
  }
}

function unwrap<Result>(answer: Answer<Result>): Result {
  if (answer.ok) return answer.value
  const cause = new Error(answer.message)
  if (answer.stack !== undefined) cause.stack = answer.stack
  throw new CohortError(answer.code, answer.message, { cause })
}

const stopping = (): CohortError => new CohortError('not_ready', 'The pool is stopping')
