// Measures the requests: how long each took, and the time during which at least one was under way.
import { createHistogram } from 'node:perf_hooks'

const MICROSECONDS = 1000
const PERCENT = 100

export interface Rates {
  /** Steps answered per second while requests were under way: pauses for the eye do not count. */
  readonly stepsPerSecond: number
  /** From sending a request to having its results. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number }
}

export class Meter {
  /** Three digits, bounded memory however many requests there are. */
  readonly #latencyUs = createHistogram({ figures: 3 })
  readonly #nowMs: () => number
  #underWay = 0
  #busySinceMs = 0
  #busyMs = 0
  #steps = 0

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Counts a request of `steps` steps once answered; resolves or rejects as `send` does. */
  async measure<T>(steps: number, send: () => Promise<T>): Promise<T> {
    const startedMs = this.#nowMs()
    if (this.#underWay++ === 0) this.#busySinceMs = startedMs
    try {
      const answer = await send()
      this.#latencyUs.record(Math.max(1, Math.round((this.#nowMs() - startedMs) * MICROSECONDS)))
      this.#steps += steps
      return answer
    } finally {
      if (--this.#underWay === 0) this.#busyMs += this.#nowMs() - this.#busySinceMs
    }
  }

  get rates(): Rates {
    const running = this.#underWay > 0 ? this.#nowMs() - this.#busySinceMs : 0
    const seconds = (this.#busyMs + running) / 1000
    return {
      stepsPerSecond: seconds > 0 ? Math.round(this.#steps / seconds) : 0,
      latencyMs: { p50: this.#percentile(50), p95: this.#percentile(95), p99: this.#percentile(99) },
    }
  }

  #percentile(percentile: number): number {
    if (this.#latencyUs.count === 0) return 0
    return Math.round(this.#latencyUs.percentile(percentile) / (MICROSECONDS / PERCENT)) / PERCENT
  }
}
