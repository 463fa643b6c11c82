// One reader of a stream of events: gets each piece a slice at a time, and is cut off where it is too slow.

/** On its way at once: what is sent cannot be dropped any more. */
const SLICE_BYTES = 64 * 1024
/** Who holds a piece for longer is cut off where others need the memory. */
const SLOW_MS = 10_000
/** Who takes nothing for so long is cut off in any case. */
const STALLED_MS = 60_000

type Piece = string | Uint8Array

const NOTHING = Buffer.alloc(0)

export class EventReader {
  readonly #over = new AbortController()
  readonly #pieces: AsyncIterator<Piece>
  readonly #cutText: string | undefined
  /** What was not sent of the piece that is being taken. */
  #rest: Uint8Array = NOTHING
  #isSlow = false
  #isCut = false

  constructor(write: (signal: AbortSignal) => AsyncIterable<Piece>, cutText: string | undefined) {
    this.#pieces = write(this.#over.signal)[Symbol.asyncIterator]()
    this.#cutText = cutText
  }

  /** Aborted at the end. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** It holds a piece for long: not one that waits for its next event. */
  get isSlow(): boolean {
    return this.#isSlow
  }

  get isCut(): boolean {
    return this.#isCut
  }

  end(): void {
    this.#over.abort()
  }

  /** Ends it at once, and drops all that was not sent; where it comes back, it is told. */
  cut(): void {
    if (this.signal.aborted) return
    this.#isCut = true
    this.#isSlow = false
    this.#rest = NOTHING
    this.end()
    // What made the pieces holds on to the last one until it is asked for more.
    void this.#pieces.return?.()
  }

  /** The pieces as they are taken. */
  async *taken(): AsyncGenerator<Piece> {
    try {
      while (await this.#hasNext()) yield* this.#slices()
      if (this.#isCut && this.#cutText !== undefined) yield this.#cutText
    } finally {
      await this.#pieces.return?.()
    }
  }

  /** The piece is kept nowhere else: a generator that waits would hold on to it after the cut. */
  async #hasNext(): Promise<boolean> {
    const { done, value } = await this.#pieces.next()
    if (done === true) return false
    this.#rest = typeof value === 'string' ? Buffer.from(value) : value
    return true
  }

  async *#slices(): AsyncGenerator<Piece> {
    const slow = setTimeout(() => (this.#isSlow = true), SLOW_MS)
    try {
      while (this.#rest.length > 0) {
        // A copy, since a view would keep all of it.
        const slice = Buffer.from(this.#rest.subarray(0, SLICE_BYTES))
        this.#rest = this.#rest.subarray(SLICE_BYTES)
        const stalled = setTimeout(() => this.cut(), STALLED_MS)
        try {
          yield slice
        } finally {
          clearTimeout(stalled)
        }
      }
    } finally {
      clearTimeout(slow)
      this.#isSlow = false
    }
  }
}
