// leg: notify. What a stream has told of its batch: a part for each job, and an end that is the sum of the parts.
import type { BatchEvent, BatchStatus, JobResult, WorkerMarks } from '@cohort/contracts'
import type { BatchRecord } from '@cohort/store'
import { eventOf } from '../event-frame.js'
import { assembleBatch, partOf, type Assembled } from './assemble.js'
import { laterCommit, timingsOf } from './timings.js'

/** Events as text, so that nobody holds on to the columns that they are made from. */
export class Told {
  readonly #record: BatchRecord
  readonly #statuses = new Set<Assembled['status']>()
  #jobs = 0
  #last: WorkerMarks | undefined

  constructor(record: BatchRecord) {
    this.#record = record
  }

  part(job: number, answer: JobResult): string {
    const { status, results, errors } = assembleBatch(partOf(this.#record, job), [answer])
    this.#jobs += 1
    this.#statuses.add(status)
    this.#last = laterCommit(this.#last, answer)
    return textOf({ type: 'results', job, of: this.#record.jobs.length, results, errors: [...errors] })
  }

  end(): string {
    return textOf({ type: 'end', batchId: this.#record.id, status: this.#status(), ...this.#timings() })
  }

  #status(): BatchStatus {
    if (this.#jobs < this.#record.jobs.length) return 'expired'
    const [first, ...others] = this.#statuses
    return first === undefined || others.length > 0 ? 'partial' : first
  }

  #timings(): Pick<Extract<BatchEvent, { type: 'end' }>, 'timings'> {
    return this.#jobs < this.#record.jobs.length ? {} : timingsOf(this.#record, this.#last)
  }
}

const textOf = (event: BatchEvent): string => eventOf(`event: ${event.type}`, event)
