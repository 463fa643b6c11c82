// How often each model was leased of late, also of those that are not here. Used by matrix-cache.ts

/** From here on counts do not grow: what was leased a million times last week is forgotten as soon as the others. */
const MOST = 15
/** Leases after which all counts are halved. */
const PERIOD = 10_000
/** Ids that are remembered: with more of them the counts are halved early. */
const MOST_IDS = 16_384

/**
 * Counts with a limit, halved from time to time: the frequencies of TinyLFU (Einziger, Friedman, Manes, "TinyLFU: A
 * highly efficient cache admission policy", ACM Trans. Storage 13(4), 2017), exact, since models are few.
 */
export class Popularity {
  #counts = new Map<string, number>()
  #since = 0

  of(id: string): number {
    return this.#counts.get(id) ?? 0
  }

  count(id: string): void {
    this.#counts.set(id, Math.min(MOST, this.of(id) + 1))
    this.#since += 1
    if (this.#since >= PERIOD || this.#counts.size > MOST_IDS) this.#age()
  }

  #age(): void {
    this.#since = 0
    const halved = [...this.#counts].map(([id, count]) => [id, count >> 1] as const)
    this.#counts = new Map(halved.filter(([, count]) => count > 0))
  }
}
