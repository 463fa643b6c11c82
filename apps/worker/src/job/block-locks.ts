// Within a worker, jobs that share a block run one after the other. Held from before leg load until after leg commit.

/**
 * Named locks that are taken all at once, first come first served.
 *
 * `acquire` enters the queue of every key in one synchronous stroke. So whoever waits, waits only for those who came
 * earlier: the order of arrival is the order in all queues, a circle of waiters cannot form, and nobody is overtaken.
 */
export class BlockLocks {
  /** The last one in each key's queue: settled when it lets go. */
  readonly #tails = new Map<string, Promise<void>>()

  /** Resolves with the function that lets go of all `keys`, to be called once. */
  async acquire(keys: readonly string[]): Promise<() => void> {
    const wanted = new Set(keys)
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const before: Promise<void>[] = []
    for (const key of wanted) {
      const tail = this.#tails.get(key)
      if (tail !== undefined) before.push(tail)
      this.#tails.set(key, held)
    }
    await Promise.all(before)
    return () => {
      // A key that nobody has queued for since is forgotten: the map holds only what is held or awaited.
      for (const key of wanted) if (this.#tails.get(key) === held) this.#tails.delete(key)
      letGo()
    }
  }

  /** Keys that are held or awaited now. */
  get size(): number {
    return this.#tails.size
  }
}
