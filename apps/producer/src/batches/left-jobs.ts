// leg: notify. The jobs of a batch that a stream of its events has not told yet, and which of them to ask for next.

export interface LeftJob {
  readonly id: string
  /** Which of the batch's jobs it is. */
  readonly at: number
}

export class LeftJobs {
  /** Those that must be asked for. Job id → which of the batch's jobs it is; in their order. */
  readonly #left = new Map<string, number>()
  /** Those that this process will be told of: no question is worth its while before. */
  readonly #awaited = new Map<string, number>()
  /** Said to be answered. */
  readonly #woken = new Set<string>()
  /** One was said to be since the last `next`. */
  #rang = false
  #wake = () => {}

  constructor(jobIds: readonly string[], isAwaited: (jobId: string) => boolean) {
    for (const [at, id] of jobIds.entries()) (isAwaited(id) ? this.#awaited : this.#left).set(id, at)
  }

  get size(): number {
    return this.#left.size + this.#awaited.size
  }

  wake(jobId: string): void {
    const at = this.#awaited.get(jobId)
    if (at !== undefined) this.#left.set(jobId, at)
    this.#awaited.delete(jobId)
    if (!this.#left.has(jobId)) return
    this.#woken.add(jobId)
    this.#rang = true
    this.#wake()
  }

  /** Those said to be answered; else the first ones, since jobs end about in their order; none of the awaited. */
  next(most: number): LeftJob[] {
    this.#rang = false
    const chunk: LeftJob[] = []
    for (const id of this.#woken.size > 0 ? this.#woken : this.#left.keys()) {
      if (chunk.length === most) break
      chunk.push({ id, at: this.#left.get(id) ?? 0 })
    }
    return chunk
  }

  /** It was asked for, and is told now or was not answered after all. */
  asked(jobId: string, isOver: boolean): void {
    this.#woken.delete(jobId)
    if (isOver) this.#left.delete(jobId)
  }

  /** Resolves after `ms`, and before that when one is said to be answered or the signal is aborted. */
  async pause(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#rang || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => resolve()
    const timer = setTimeout(wake, ms)
    this.#wake = wake
    signal.addEventListener('abort', wake, { once: true })
    await promise
    clearTimeout(timer)
    signal.removeEventListener('abort', wake)
  }
}
