// The streams of server-sent events that are open: bounded in number and memory, and all ended when the process stops.
import { Readable } from 'node:stream'
import { CohortError } from '@cohort/contracts'
import type { FastifyReply } from 'fastify'
import { EventReader } from '../event-reader.js'

/** What a refused caller is told to wait. */
const RETRY_AFTER_MS = 1000
/** What is on its way when the process stops gets so long to be taken. */
const GRACE_MS = 500
/** The last words to a slow reader get longer: they are few, and all else that it held has been dropped. */
const LAST_WORDS_MS = 30_000

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // For proxies that would gather the events.
  'x-accel-buffering': 'no',
}

interface EventStreamLimits {
  readonly streams: number
  /** Of all batches that are told of: 12 bytes of memory a step, for as long as the stream is open. */
  readonly steps: number
  /** What a refused caller is told that there are so many of. */
  readonly named?: string
}

interface Told {
  /** Of the batch that is told of. */
  readonly steps?: number
  /** The last words to a reader that is too slow. */
  readonly cutText?: string
}

export class EventStreams {
  readonly limits: EventStreamLimits
  readonly #open = new Set<EventReader>()
  #steps = 0
  #isOver = false

  constructor(limits: EventStreamLimits) {
    this.limits = limits
  }

  get size(): number {
    return this.#open.size
  }

  /**
   * Answers with the text that `write` makes, piece by piece as the reader takes it. The signal is aborted when the
   * reader has gone, is too slow, or the process stops: `write` then ends. Throws `too_many_streams`.
   */
  answer(
    reply: FastifyReply,
    write: (signal: AbortSignal) => AsyncIterable<string | Uint8Array>,
    { steps = 0, cutText }: Told = {},
  ): void {
    this.refuseFull()
    this.#refuseSteps(steps)
    const reader = new EventReader(write, cutText)
    this.#open.add(reader)
    this.#steps += steps
    if (this.#isOver) reader.end()
    // No piece is made before the last one was taken: each may have some megabytes.
    const stream = Readable.from(reader.taken(), { highWaterMark: 0 })
    reader.signal.addEventListener('abort', () => {
      setTimeout(() => stream.destroy(), reader.isCut ? LAST_WORDS_MS : GRACE_MS).unref()
    })
    const leave = () => {
      if (this.#open.delete(reader)) this.#steps -= steps
      reader.end()
    }
    reply.raw.once('close', leave)
    // Gone before this line: the event has been.
    if (reply.raw.destroyed) leave()
    void reply.headers(HEADERS).send(stream)
  }

  /** Others need the memory: readers that have held a piece for long are told so, and cut off. */
  cutSlow(): void {
    for (const reader of this.#open) if (reader.isSlow) reader.cut()
  }

  /** For callers who would read much before they answer. Throws `too_many_streams`. */
  refuseFull(): void {
    const { streams, named = 'streams of events are open (COHORT_MAX_EVENT_STREAMS)' } = this.limits
    if (this.#open.size >= streams) throw tooMany(`${streams} ${named}`)
  }

  #refuseSteps(steps: number): void {
    const most = this.limits
    // A batch that is larger than all may be, from a producer with another limit, is told alone.
    if (this.#steps === 0 || this.#steps + steps <= most.steps) return
    const held = `the batches of open streams of events have ${this.#steps} steps`
    throw tooMany(`${held}, and ${steps} more pass ${most.steps} (COHORT_MAX_WAITING_STEPS)`)
  }

  /** Ends all, now and later. */
  end(): void {
    this.#isOver = true
    for (const reader of this.#open) reader.end()
  }
}

const tooMany = (detail: string): CohortError =>
  new CohortError('too_many_streams', detail, { retryAfterMs: RETRY_AFTER_MS })
