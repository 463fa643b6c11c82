// leg: notify. Whose batch is read from Redis and written out as text now: a few at once, the first come first.

/** One is read while another one is written out. Each holds a result of maybe megabytes, as objects and as text. */
const AT_ONCE = 2

export class Turns {
  readonly #waiting: (() => void)[] = []
  #taken = 0

  /** `run` holds on to little but what it resolves with. */
  async take<T>(run: () => Promise<T>): Promise<T> {
    if (this.#taken < AT_ONCE) this.#taken += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      // Requests that came meanwhile are heard between two turns.
      await new Promise<void>((resolve) => setImmediate(resolve))
      return await run()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#taken -= 1
      else next()
    }
  }
}
