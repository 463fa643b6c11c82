// Who looks at the live page: one look a second for all of them, and none while nobody does.
import type { Point, Snapshot } from '../../page/snapshot.js'
import { eventOf, STREAM_BEGIN } from '../event-frame.js'
import type { Sampler } from './sampler.js'

const EVERY_MS = 1000
/** Points of the charts that a page gets when it opens. */
const MINUTE = 60

export class LiveFeed {
  readonly #sampler: Pick<Sampler, 'look' | 'forget'>
  /** Of the pages that wait for news. */
  readonly #wakes = new Set<() => void>()
  readonly #minute: Point[] = []
  #pages = 0
  #timer: NodeJS.Timeout | undefined
  #looking = false
  /** `event`: as every page gets it. */
  #last: { readonly snapshot: Snapshot; readonly event: string } | undefined
  #id = 0

  constructor(sampler: Pick<Sampler, 'look' | 'forget'>) {
    this.#sampler = sampler
  }

  /** The text of a stream of events, until the signal is aborted. A page that reads slowly misses some. */
  async *follow(signal: AbortSignal): AsyncGenerator<string> {
    let wake = () => {}
    signal.addEventListener('abort', () => wake(), { once: true })
    const news = () => new Promise<void>((resolve) => this.#wakes.add((wake = resolve)))
    this.#join()
    try {
      yield STREAM_BEGIN
      if (this.#last !== undefined)
        yield eventOf(`id: ${this.#id}`, { ...this.#last.snapshot, minute: this.#minute })
      while (!signal.aborted) {
        await news()
        if (!signal.aborted && this.#last !== undefined) yield this.#last.event
      }
    } finally {
      this.#leave()
    }
  }

  #join(): void {
    this.#pages += 1
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => void this.#look(), EVERY_MS)
    void this.#look()
  }

  #leave(): void {
    this.#pages -= 1
    if (this.#pages > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#last = undefined
    this.#minute.length = 0
    this.#sampler.forget()
  }

  /** Redis that answers late makes news rarer, never two looks at once. */
  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    const snapshot = await this.#sampler.look()
    this.#looking = false
    if (this.#timer === undefined) return
    this.#id += 1
    this.#last = { snapshot, event: eventOf(`id: ${this.#id}`, snapshot) }
    this.#minute.push(snapshot.now)
    if (this.#minute.length > MINUTE) this.#minute.shift()
    for (const wake of this.#wakes) wake()
    this.#wakes.clear()
  }
}
