// leg: notify. Whose batch is read from Redis and written out as text now: a few at once, the first come first.

/** One is read while another one is written out. Each holds a result of maybe megabytes, as objects and as text. */
const AT_ONCE = 2
/** While somebody waits for room, it is asked for so often. */
const ASK_EVERY_MS = 1000

export interface Room {
  /** Of texts held for readers: with so many no turn begins. What turns under way make comes on top. */
  readonly bytes: number
  /** There is none, and somebody waits: called every second. */
  readonly ask: () => void
}

const ENDLESS: Room = { bytes: Infinity, ask: () => {} }

export class Turns {
  readonly #room: Room
  readonly #waiting = new Set<() => void>()
  #taken = 0
  #heldBytes = 0
  #asking: NodeJS.Timeout | undefined

  constructor(room: Room = ENDLESS) {
    this.#room = room
  }

  get waiting(): number {
    return this.#waiting.size
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** `run` holds on to little but what it resolves with. Undefined where the signal is aborted before its turn. */
  take<T>(run: () => Promise<T>): Promise<T>
  take<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T | undefined>
  async take<T>(run: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
    if (!(await this.#turn(signal))) return undefined
    try {
      // Requests that came meanwhile are heard between two turns.
      await new Promise<void>((resolve) => setImmediate(resolve))
      return await run()
    } finally {
      this.#taken -= 1
      this.#grant()
    }
  }

  /** Called within the turn that makes a text of so many bytes; returns what ends that it counts as held. */
  hold(bytes: number): () => void {
    this.#heldBytes += bytes
    return () => {
      this.#heldBytes -= bytes
      this.#grant()
    }
  }

  get #isFree(): boolean {
    return this.#taken < AT_ONCE && this.#heldBytes < this.#room.bytes
  }

  async #turn(signal: AbortSignal | undefined): Promise<boolean> {
    if (signal?.aborted === true) return false
    if (this.#waiting.size === 0 && this.#isFree) {
      this.#taken += 1
      return true
    }
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const go = () => resolve(true)
    const leave = () => {
      if (this.#waiting.delete(go)) resolve(false)
    }
    this.#waiting.add(go)
    signal?.addEventListener('abort', leave, { once: true })
    this.#asking ??= setInterval(() => this.#ask(), ASK_EVERY_MS).unref()
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  #grant(): void {
    for (const go of this.#waiting) {
      if (!this.#isFree) return
      this.#waiting.delete(go)
      this.#taken += 1
      go()
    }
  }

  #ask(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#asking)
      this.#asking = undefined
    } else if (this.#heldBytes >= this.#room.bytes) this.#room.ask()
  }
}
