// Batches: what a request for steps became, asked for by its id, from any producer.
import { Batch, type BatchEvent, checker, CohortError } from '@cohort/contracts'
import { batchEvents } from './batch-events.js'
import type { CallOptions } from './options.js'
import { pause, pollPauseMs } from './pause.js'
import type { Transport } from './transport.js'

const checkBatch = checker(Batch)

export interface WaitOptions extends CallOptions {
  /**
   * How long to wait for the end, milliseconds; 60,000 by default. Then: `not_done`, and the batch still
   * runs.
   */
  readonly deadlineMs?: number
}

export class Batches {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Its status, and its results where it has ended; `unknown_batch` where there is none, or no longer. */
  async get(id: string, options: CallOptions = {}): Promise<Batch> {
    const path = `/v1/batches/${encodeURIComponent(id)}`
    return (await this.#transport.send({ ...options, method: 'GET', path })).as(checkBatch)
  }

  /**
   * Looks again and again until it has ended (`completed`, `partial`, `failed` or `expired`). Steps that
   * failed are in `errors`: they are not thrown.
   */
  async wait(id: string, { deadlineMs = 60_000, signal }: WaitOptions = {}): Promise<Batch> {
    const endMs = performance.now() + deadlineMs
    for (let looks = 1; ; looks++) {
      const batch = await this.get(id, signal === undefined ? {} : { signal })
      if (hasEnded(batch)) return batch
      const leftMs = endMs - performance.now()
      if (leftMs <= 0) throw notDone(batch, deadlineMs)
      await pause(Math.min(leftMs, pollPauseMs(looks)), signal)
    }
  }

  /**
   * Its results as they come: an event `results` for each of the batch's jobs as it ends, each `job` once, then `end`
   * with the batch's status. Nothing is asked for before the loop over it begins, and no more is read than it takes.
   * A connection that breaks is opened again; when that fails as often as a call may (`retries`), the loop throws.
   */
  events(id: string, options: CallOptions = {}): AsyncGenerator<BatchEvent, void, undefined> {
    return batchEvents(this.#transport, id, options)
  }
}

export const hasEnded = (batch: Batch): boolean => batch.status !== 'queued' && batch.status !== 'active'

const notDone = ({ batchId, status }: Batch, deadlineMs: number): CohortError =>
  new CohortError('not_done', `batch ${batchId} is still ${status} after ${deadlineMs} ms`, {
    errors: [{ path: 'batchId', message: `still ${status}`, got: batchId }],
  })
