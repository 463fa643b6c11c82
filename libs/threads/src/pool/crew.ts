// leg: dispatch. The threads of a pool, by seat: added, retired, replaced, ended. Used by pool.ts. Next: pool-thread.ts
import { Board, type BoardPlace, makeBoard } from './board.js'
import { type Bounds, Growth, SAMPLE_MS } from './growth.js'
import { PoolThread } from './pool-thread.js'
import type { ThreadFacts } from './report.js'
import { makeSeats, type Seats } from './seats.js'

/**
 * `started`: warm, the first ones, each replacement and each that was added. `lost`: ended by itself, or because its
 * task hung; a replacement is on its way. `retired`: there was too little to do.
 */
export type CrewEvent =
  | { readonly kind: 'started'; readonly thread: ThreadFacts }
  | { readonly kind: 'retired'; readonly thread: ThreadFacts }
  | { readonly kind: 'lost'; readonly thread: ThreadFacts; readonly reason: string }

export interface CrewOptions {
  readonly filename: URL
  readonly bounds: Bounds
  /** One for each seat, the first seats first. */
  readonly cpus: readonly number[]
  readonly data: unknown
  readonly heapMiB: number | undefined
  readonly onEvent: (event: CrewEvent) => void
  /** A thread did not start. */
  readonly onFailure: (detail: string) => void
  /** How many tasks wait for a thread. */
  readonly waiting: () => number
}

/** How often it looks for threads that have hung. */
const HUNG_LOOK_MS = 250

export class Crew<Task, Result> {
  readonly #options: CrewOptions
  readonly #seats: Seats
  readonly #place: BoardPlace
  readonly #board: Board
  readonly #growth: Growth
  readonly #threads = new Map<number, PoolThread<Task, Result>>()
  /** Threads that are retired and have not ended yet: their seats are not free. */
  readonly #retiring = new Map<number, Promise<void>>()
  readonly #timers: readonly NodeJS.Timeout[]
  #sampledMs = performance.now()

  constructor(options: CrewOptions) {
    const { bounds, cpus } = options
    this.#options = options
    this.#seats = makeSeats(bounds.max, cpus)
    this.#place = makeBoard(bounds.max)
    this.#board = new Board(this.#place)
    this.#growth = new Growth(bounds)
    for (let seat = 0; seat < bounds.initial; seat++) this.#add(seat)
    const look = () => this.threads.forEach((thread) => thread.endIfHung(performance.now()))
    this.#timers = [
      setInterval(look, HUNG_LOOK_MS).unref(),
      ...(bounds.min < bounds.max ? [setInterval(() => this.#sample(), SAMPLE_MS).unref()] : []),
    ]
  }

  get threads(): PoolThread<Task, Result>[] {
    return [...this.#threads.values()]
  }

  /** Of those that are warm. */
  get facts(): ThreadFacts[] {
    return this.threads.flatMap(({ facts }) => facts ?? []).toSorted((a, b) => a.seat - b.seat)
  }

  /** Ends all threads, whatever they do. */
  async end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all([...this.threads.map((thread) => thread.end()), ...this.#retiring.values()])
  }

  /** One that is added under load and does not start is no loss: it is not tried again on this seat. */
  #add(seat: number, isExtra = false): void {
    const { filename, data, heapMiB, onEvent, onFailure } = this.#options
    const thread = new PoolThread<Task, Result>({
      filename,
      seat,
      seats: this.#seats,
      board: this.#board,
      place: this.#place,
      data,
      heapMiB,
      onStarted: (facts) => onEvent({ kind: 'started', thread: facts }),
      onExit: (facts, reason) => {
        if (facts === undefined && isExtra) this.#dismiss(thread)
        else if (facts === undefined) onFailure(`a thread did not start: ${reason}`)
        else onEvent({ kind: 'lost', thread: facts, reason })
      },
    })
    this.#threads.set(seat, thread)
  }

  #sample(): void {
    const now = performance.now()
    const sinceMs = now - this.#sampledMs
    this.#sampledMs = now
    const { threads } = this
    const busyMs = threads.reduce((sum, thread) => sum + thread.busyMs(sinceMs), 0)
    const utilisation = busyMs / (sinceMs * threads.length)
    const next = this.#growth.next({ utilisation, waiting: this.#options.waiting(), threads: threads.length })
    if (next === 'grow') this.#grow()
    else if (next === 'retire') this.#retire()
  }

  #grow(): void {
    for (let seat = 0; seat < this.#options.bounds.max; seat++) {
      if (this.#threads.has(seat) || this.#retiring.has(seat)) continue
      this.#add(seat, true)
      return
    }
  }

  /** The last one that does nothing: those on the first seats have CPUs of their own. */
  #retire(): void {
    const thread = this.threads.toSorted((a, b) => b.seat - a.seat).find(({ isIdle }) => isIdle)
    const facts = thread?.facts
    if (thread === undefined || facts === undefined) return
    this.#dismiss(thread)
    this.#options.onEvent({ kind: 'retired', thread: facts })
  }

  #dismiss(thread: PoolThread<Task, Result>): void {
    this.#threads.delete(thread.seat)
    const ended = thread.end().finally(() => this.#retiring.delete(thread.seat))
    this.#retiring.set(thread.seat, ended)
  }
}
