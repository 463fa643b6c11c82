// Ends a request whose next sign of life takes too long.

export class SilenceLimit {
  readonly #over = new AbortController()
  /** For the request: aborted by the limit, by the caller or at the end. */
  readonly signal: AbortSignal

  constructor(caller: AbortSignal | undefined) {
    this.signal = caller === undefined ? this.#over.signal : AbortSignal.any([caller, this.#over.signal])
  }

  get isPassed(): boolean {
    return this.#over.signal.aborted
  }

  async within<T>(ms: number, sign: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#over.abort(), ms)
    try {
      return await sign
    } finally {
      clearTimeout(timer)
    }
  }

  /** The request, where it still goes on, is of no use to anybody. */
  end(): void {
    this.#over.abort()
  }
}
