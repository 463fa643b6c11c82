// leg: notify. Notices when all jobs of a batch are answered: from then on its record is kept as long as its answers.
import type { ClaimedRecord } from '@cohort/store'

export class Endings {
  readonly #onEnded: (records: readonly ClaimedRecord[]) => void
  #ended: ClaimedRecord[] = []

  /** `onEnded` gets those of one turn of the event loop together. */
  constructor(onEnded: (records: readonly ClaimedRecord[]) => void) {
    this.#onEnded = onEnded
  }

  /** By job: what is to be called once when it is answered. */
  of(records: readonly ClaimedRecord[]): Map<string, () => void> {
    const batchesOf = new Map<string, (() => void)[]>()
    for (const claimed of records) {
      let left = claimed.record.jobs.length
      const answered = () => {
        left -= 1
        if (left === 0) this.#end(claimed)
      }
      for (const { jobId } of claimed.record.jobs) {
        const batches = batchesOf.get(jobId)
        if (batches === undefined) batchesOf.set(jobId, [answered])
        else batches.push(answered)
      }
    }
    return new Map(
      [...batchesOf].map(([id, batches]) => [id, () => batches.forEach((answered) => answered())]),
    )
  }

  #end(claimed: ClaimedRecord): void {
    this.#ended.push(claimed)
    if (this.#ended.length > 1) return
    setImmediate(() => {
      const ended = this.#ended
      this.#ended = []
      this.#onEnded(ended)
    })
  }
}
