// Which seat worked on what last, so that it goes there again while its cache is warm. Used by pool.ts

/** Of the things used last: a block that comes again after so many others is in no cache any more. */
const MOST = 65_536

export class LastSeats {
  /** In the order of their last use. */
  readonly #seats = new Map<string, number>()

  of(key: string): number | undefined {
    return this.#seats.get(key)
  }

  set(key: string, seat: number): void {
    this.#seats.delete(key)
    this.#seats.set(key, seat)
    if (this.#seats.size <= MOST) return
    const oldest = this.#seats.keys().next()
    if (oldest.done !== true) this.#seats.delete(oldest.value)
  }
}
