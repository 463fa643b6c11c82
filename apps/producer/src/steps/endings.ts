// leg: notify. Notices when all jobs of a batch are answered: from then on its record is kept as long as its answers.
import type { WorkerMarks } from '@cohort/contracts'
import type { BatchRecord, ClaimedRecord } from '@cohort/store'

/** The answer of a batch's last job. `marks` undefined: the job failed as a whole. */
export interface LastAnswer {
  readonly receivedMs: number
  readonly marks: WorkerMarks | undefined
}

interface EndingsNeeds {
  /** Called at once for each batch. */
  readonly tell: (record: BatchRecord, last: LastAnswer) => void
  /** Called with those of one turn of the event loop together. */
  readonly forget: (records: readonly ClaimedRecord[]) => void
}

export class Endings {
  readonly #needs: EndingsNeeds
  #ended: ClaimedRecord[] = []

  constructor(needs: EndingsNeeds) {
    this.#needs = needs
  }

  /** By job: what is to be called once when it is answered. */
  of(records: readonly ClaimedRecord[]): Map<string, (answer: LastAnswer) => void> {
    const batchesOf = new Map<string, ((answer: LastAnswer) => void)[]>()
    for (const claimed of records) {
      let left = claimed.record.jobs.length
      const answered = (answer: LastAnswer) => {
        left -= 1
        if (left === 0) this.#end(claimed, answer)
      }
      for (const { jobId } of claimed.record.jobs) {
        const batches = batchesOf.get(jobId)
        if (batches === undefined) batchesOf.set(jobId, [answered])
        else batches.push(answered)
      }
    }
    return new Map(
      [...batchesOf].map(([id, batches]) => [
        id,
        (answer) => batches.forEach((answered) => answered(answer)),
      ]),
    )
  }

  #end(claimed: ClaimedRecord, last: LastAnswer): void {
    this.#needs.tell(claimed.record, last)
    this.#ended.push(claimed)
    if (this.#ended.length > 1) return
    setImmediate(() => {
      const ended = this.#ended
      this.#ended = []
      this.#needs.forget(ended)
    })
  }
}
