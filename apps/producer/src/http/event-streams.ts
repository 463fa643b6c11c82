// The streams of server-sent events that are open: bounded in number and memory, and all ended when the process stops.
import { Readable } from 'node:stream'
import { CohortError } from '@cohort/contracts'
import type { FastifyReply } from 'fastify'

/** What a refused caller is told to wait. */
const RETRY_AFTER_MS = 1000
/** A reader that takes nothing for so long is cut off: it keeps others from their turn. */
const STALLED_MS = 60_000
/** What is on its way when a stream is to end gets so long to be taken. */
const GRACE_MS = 500

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

export class EventStreams {
  readonly limits: EventStreamLimits
  readonly #open = new Set<AbortController>()
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
   * reader has gone, takes nothing any more, or the process stops: `write` then ends. `steps`: of the batch that it
   * tells of. Throws `too_many_streams`.
   */
  answer(
    reply: FastifyReply,
    write: (signal: AbortSignal) => AsyncIterable<string>,
    { steps = 0 } = {},
  ): void {
    this.refuseFull()
    this.#refuseSteps(steps)
    const over = new AbortController()
    this.#open.add(over)
    this.#steps += steps
    if (this.#isOver) over.abort()
    // No piece is made before the last one was taken: each may have some megabytes.
    const options = { highWaterMark: 0 }
    const stream = Readable.from(
      taken(write(over.signal), () => stream.destroy()),
      options,
    )
    over.signal.addEventListener('abort', () => setTimeout(() => stream.destroy(), GRACE_MS).unref())
    const leave = () => {
      if (this.#open.delete(over)) this.#steps -= steps
      over.abort()
    }
    reply.raw.once('close', leave)
    // Gone before this line: the event has been.
    if (reply.raw.destroyed) leave()
    void reply.headers(HEADERS).send(stream)
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
    for (const over of this.#open) over.abort()
  }
}

const tooMany = (detail: string): CohortError =>
  new CohortError('too_many_streams', detail, { retryAfterMs: RETRY_AFTER_MS })

/** Calls `cut` where the reader does not come back for more. */
async function* taken(pieces: AsyncIterable<string>, cut: () => void): AsyncGenerator<string> {
  for await (const piece of pieces) {
    const timer = setTimeout(cut, STALLED_MS)
    try {
      yield piece
    } finally {
      clearTimeout(timer)
    }
  }
}
