// leg: dispatch. One thread of the pool, and what it has in hand: a Piscina of one. Next: enter-thread.ts
import type { Worker } from 'node:worker_threads'
import { CohortError } from '@cohort/contracts'
import { Piscina } from 'piscina'
import type { Board, BoardPlace, Seen } from './board.js'
import type { Answer, Bundle, ThreadFacts, ThreadReport, ThreadStart } from './report.js'
import { freeSeat, type Seats } from './seats.js'
import type { Waiting } from './task-queue.js'

/** A task, and who waits for it. */
export interface Order<Task, Result> extends Waiting {
  readonly task: Task
  /** What it works on. */
  readonly affinity: string | undefined
  /** A thread that runs it longer than this has hung. */
  readonly limitMs: number
  settle(answer: Answer<Result>): void
  reject(error: unknown): void
}

interface Hand<Task, Result> {
  readonly orders: readonly Order<Task, Result>[]
  /** The number of the first of them. */
  readonly first: number
  readonly ms: number
}

export interface PoolThreadOptions {
  readonly filename: URL
  readonly seat: number
  readonly seats: Seats
  readonly board: Board
  /** Where the thread finds it. */
  readonly place: BoardPlace
  readonly data: unknown
  readonly heapMiB: number | undefined
  /** Warm: loaded, pinned and ready; again after each replacement. */
  readonly onStarted: (thread: ThreadFacts) => void
  /** It has ended by itself, or was ended; `thread` is undefined where it had not started. */
  readonly onExit: (thread: ThreadFacts | undefined, reason: string) => void
}

/** What a thread has in hand at most, short of what it runs: so that it never waits for the main thread. */
const MOST_BUNDLES = 2
/** Behind work that is longer than this nothing waits in a thread's hand: another thread may be free sooner. */
const AHEAD_MS = 2

/** What counts at most as a task's time from one look to the next. */
const MOST_BETWEEN_LOOKS_MS = 500

/**
 * A thread ends in one way only: its Worker exits. Its seat is then free, and the replacement, which Piscina starts,
 * takes it. It is given tasks from its report on.
 */
export class PoolThread<Task, Result> {
  readonly seat: number
  readonly #options: PoolThreadOptions
  readonly #piscina: Piscina<Bundle<Task>, Answer<Result>[]>
  readonly #exits = new Map<Worker, Promise<void>>()
  #hands: readonly Hand<Task, Result>[] = []
  #facts: ThreadFacts | undefined
  #dying: ThreadFacts | undefined
  /** Of the task that was given last. */
  #number = 0
  #seen: Seen
  #running: { readonly begun: number; readonly ranMs: number; readonly lookedMs: number } | undefined
  #hung: string | undefined
  #isEnding = false
  #ended: Promise<void> | undefined

  constructor(options: PoolThreadOptions) {
    const { filename, seats, board, place, seat, data, heapMiB } = options
    this.seat = seat
    this.#options = options
    this.#seen = board.look(seat)
    this.#number = this.#seen.begun
    this.#piscina = new Piscina({
      filename: filename.href,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: MOST_BUNDLES,
      idleTimeout: Infinity,
      // Its other modes save at most 7 of 22 µs on a task that does nothing, and nothing on one of 100 µs. In
      // 'sync' a thread that died of an uncaught error hung in Atomics.wait in 4 of 20 tries and never exited.
      atomics: 'disabled',
      recordTiming: false,
      ...(heapMiB === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMiB } }),
      workerData: { seats, board: place, seat, data } satisfies ThreadStart<unknown>,
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

  /** Undefined while it starts. */
  get facts(): ThreadFacts | undefined {
    return this.#facts
  }

  get isIdle(): boolean {
    return this.#facts !== undefined && this.#hands.length === 0
  }

  /** It runs something short, and can have the next in its hand. */
  get hasRoom(): boolean {
    if (this.#facts === undefined || this.#hands.length >= MOST_BUNDLES) return false
    return this.#hands.reduce((sum, { ms }) => sum + ms, 0) <= AHEAD_MS
  }

  /**
   * Resolves when all of them are settled, but for those that it resolves to: they had not begun when the thread died,
   * and can be given to another. Never rejects.
   */
  async give(orders: readonly Order<Task, Result>[]): Promise<readonly Order<Task, Result>[]> {
    const first = this.#number + 1
    this.#number += orders.length
    const ms = orders.reduce((sum, { costMs = Infinity }) => sum + costMs, 0)
    const hand = { orders, first, ms }
    this.#hands = [...this.#hands, hand]
    try {
      const answers = await this.#piscina.run({ first, tasks: orders.map(({ task }) => task) })
      // One answer a task.
      orders.forEach((order, i) => order.settle(answers[i]!))
      return []
    } catch (cause) {
      return this.#undone(hand, cause)
    } finally {
      this.#hands = this.#hands.filter((one) => one !== hand)
    }
  }

  /** The part of the time since the last call in milliseconds that it was busy. */
  busyMs(sinceMs: number): number {
    const [before, now] = [this.#seen, this.#options.board.look(this.seat)]
    this.#seen = now
    const hasNotEnded = now.running && before.running && now.begun === before.begun
    return hasNotEnded ? sinceMs : Math.min(sinceMs, now.busyMs - before.busyMs)
  }

  /** Ends the thread where its task runs longer than it may. To be called every now and then. */
  endIfHung(nowMs: number): void {
    const { begun, running } = this.#options.board.look(this.seat)
    if (!running) this.#running = undefined
    else if (this.#running?.begun !== begun) this.#running = { begun, ranMs: 0, lookedMs: nowMs }
    else {
      // A process that stood still, or a main thread that was held up, says nothing of the task.
      const ranMs = this.#running.ranMs + Math.min(nowMs - this.#running.lookedMs, MOST_BETWEEN_LOOKS_MS)
      this.#running = { begun, ranMs, lookedMs: nowMs }
      const order = this.#orderOf(begun)
      if (order === undefined || ranMs <= order.limitMs) return
      this.#hung = `its task ran for more than ${order.limitMs} ms`
      for (const worker of this.#piscina.threads) void worker.terminate()
    }
  }

  /**
   * Ends the thread, whatever it does, and starts none. Piscina replaces a thread whose exit it sees before or after,
   * but not while it destroys: so until none is left.
   */
  end(): Promise<void> {
    const end = async (): Promise<void> => {
      do {
        await this.#piscina.destroy()
        this.#watch()
        await Promise.all(this.#exits.values())
      } while (this.#piscina.threads.length > 0)
    }
    this.#isEnding = true
    this.#ended ??= end()
    return this.#ended
  }

  #orderOf(number: number): Order<Task, Result> | undefined {
    return this.#hands.flatMap(({ orders, first }) => orders.filter((_, i) => first + i === number))[0]
  }

  /** Why Piscina gave it back without an answer, to those that had begun; the others. */
  #undone({ orders, first }: Hand<Task, Result>, cause: unknown): readonly Order<Task, Result>[] {
    const { begun } = this.#options.board.look(this.seat)
    const hasBegun = (i: number): boolean => first + i <= begun
    const isUnfit = cause instanceof Error && cause.name === 'DataCloneError'
    // One that cannot be sent keeps those beside it from being sent: each alone, and that one is told.
    if (isUnfit && orders.length > 1 && !hasBegun(0))
      return orders.map((order) => ({ ...order, costMs: undefined }))
    const error = isUnfit ? unfit(cause) : this.#lost(cause)
    for (const [i, order] of orders.entries()) if (hasBegun(i) || isUnfit) order.reject(error)
    return isUnfit ? [] : orders.filter((_, i) => !hasBegun(i))
  }

  #lost(cause: unknown): CohortError {
    const reason = this.#hung ?? String(cause)
    return new CohortError('thread_lost', `The thread that ran the task died: ${reason}`, { cause })
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
      worker.once('error', (error: unknown) => {
        thrown = String(error)
        // Its exit comes later: until then it must be given nothing.
        this.#dying = this.#facts
        this.#facts = undefined
      })
      worker.once('exit', (code) => {
        this.#exits.delete(worker)
        exit.resolve()
        this.#onExit(threadId, this.#hung ?? thrown ?? `exit code ${code}`)
      })
    }
  }

  #onReport(facts: ThreadFacts): void {
    this.#facts = facts
    this.#hung = undefined
    this.#options.onStarted(facts)
  }

  #onExit(threadId: number, reason: string): void {
    freeSeat(this.#options.seats, threadId)
    const facts = [this.#facts, this.#dying].find((one) => one?.threadId === threadId)
    if (facts === this.#facts) this.#facts = undefined
    this.#dying = undefined
    this.#running = undefined
    if (!this.#isEnding) this.#options.onExit(facts, reason)
  }
}

const unfit = (cause: Error): CohortError =>
  new CohortError('internal', `Task or result cannot cross between threads: ${cause.message}`, { cause })

const isReport = (message: unknown): message is ThreadReport =>
  typeof message === 'object' && message !== null && 'cohortThread' in message
