// The plain alternative to each shared structure: one word that is free, held, or held and waited for. Used by work.ts

const [FREE, HELD, WAITED_FOR] = [0, 1, 2] as const

/** As U. Drepper describes it in "Futexes are tricky", with as short a spin before it as our own lock has. */
export class Mutex {
  readonly #words: Int32Array
  readonly #at: number

  constructor(words: Int32Array, at: number) {
    this.#words = words
    this.#at = at
  }

  lock(): void {
    for (let spins = 0; spins < 33; spins++)
      if (Atomics.compareExchange(this.#words, this.#at, FREE, HELD) === FREE) return
    while (Atomics.exchange(this.#words, this.#at, WAITED_FOR) !== FREE)
      Atomics.wait(this.#words, this.#at, WAITED_FOR)
  }

  unlock(): void {
    if (Atomics.exchange(this.#words, this.#at, FREE) === WAITED_FOR) Atomics.notify(this.#words, this.#at, 1)
  }
}
