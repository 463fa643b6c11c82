// The streams of server-sent events that are open: bounded in number, and all ended when the process stops.
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

export class EventStreams {
  readonly #most: number
  readonly #open = new Set<AbortController>()
  #isOver = false

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#open.size
  }

  /**
   * Answers with the text that `write` makes, piece by piece as the reader takes it. The signal is aborted when the
   * reader has gone, takes nothing any more, or the process stops: `write` then ends. Throws `too_many_streams`.
   */
  answer(reply: FastifyReply, write: (signal: AbortSignal) => AsyncIterable<string>): void {
    if (this.#open.size >= this.#most) {
      const detail = `${this.#most} streams of events are open (COHORT_MAX_EVENT_STREAMS)`
      throw new CohortError('too_many_streams', detail, { retryAfterMs: RETRY_AFTER_MS })
    }
    const over = new AbortController()
    this.#open.add(over)
    if (this.#isOver) over.abort()
    const stream = Readable.from(taken(write(over.signal), () => stream.destroy()))
    over.signal.addEventListener('abort', () => setTimeout(() => stream.destroy(), GRACE_MS).unref())
    const leave = () => {
      this.#open.delete(over)
      over.abort()
    }
    reply.raw.once('close', leave)
    // Gone before this line: the event has been.
    if (reply.raw.destroyed) leave()
    void reply.headers(HEADERS).send(stream)
  }

  /** Ends all, now and later. */
  end(): void {
    this.#isOver = true
    for (const over of this.#open) over.abort()
  }
}

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
