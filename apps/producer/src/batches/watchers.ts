// leg: notify. Who wants to know at once that a job was answered, beside those whose request waits for it.

/** Called with the job's id: its answer is in Redis, or must be looked for there. */
type Wake = (jobId: string) => void

export class Watchers {
  readonly #wakes = new Map<string, Set<Wake>>()

  get size(): number {
    return this.#wakes.size
  }

  /** Returns what ends the watch. */
  watch(jobIds: readonly string[], wake: Wake): () => void {
    for (const id of jobIds) {
      const wakes = this.#wakes.get(id)
      if (wakes === undefined) this.#wakes.set(id, new Set([wake]))
      else wakes.add(wake)
    }
    return () => jobIds.forEach((id) => this.#drop(id, wake))
  }

  wake(jobId: string): void {
    for (const wake of this.#wakes.get(jobId) ?? []) wake(jobId)
  }

  #drop(id: string, wake: Wake): void {
    const wakes = this.#wakes.get(id)
    wakes?.delete(wake)
    if (wakes?.size === 0) this.#wakes.delete(id)
  }
}
