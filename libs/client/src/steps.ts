// Steps: observations in, actions out. Waiting, or queued and asked for later.
import {
  Batch,
  BatchAccepted,
  type BatchEvent,
  checker,
  CohortError,
  type StepRequest,
  WAIT_MS,
} from '@cohort/contracts'
import { type Batches, hasEnded, type WaitOptions } from './batches.js'
import type { Reply, Transport } from './transport.js'

const checkBatch = checker(Batch)
const checkAccepted = checker(BatchAccepted)

/** An outcome; null where nothing was seen; or a probability for each outcome, where another model saw. */
export type Seen = number | null | ArrayLike<number>

/** `observations[modality][i]`: plain or typed arrays. */
export type Columns = readonly ArrayLike<Seen>[]

/** A request as the HTTP API has it, without `waitMs`: `run` waits, `enqueue` does not. */
export type StepsRequest = Omit<StepRequest, 'waitMs' | 'observations'> & { readonly observations: Columns }

export interface StepsOptions extends WaitOptions {
  /**
   * Two requests with the same key are one: the second gets the first's answer. Made afresh for each call
   * where left out, which covers the SDK's own retries. Give your own to be safe across a restart of your
   * process.
   */
  readonly idempotencyKey?: string
}

export class Steps {
  readonly #transport: Transport
  readonly #batches: Batches

  constructor(transport: Transport, batches: Batches) {
    this.#transport = transport
    this.#batches = batches
  }

  /**
   * One step of each named agent, and its results. Where the producer's wait (30 s) runs out, the batch is
   * polled until `deadlineMs` after the call; then `not_done` names the batch, which still runs. Steps that
   * failed are in the batch's `errors`: they are not thrown.
   */
  async run(request: StepsRequest, options: StepsOptions = {}): Promise<Batch> {
    const deadlineMs = options.deadlineMs ?? 60_000
    const endMs = performance.now() + deadlineMs
    const waitMs = Math.min(WAIT_MS, Math.max(1, Math.floor(deadlineMs)))
    const reply = await this.#post(request, { ...options, waitMs, endMs })
    if (reply.status !== 202) {
      const batch = reply.as(checkBatch)
      if (hasEnded(batch)) return batch
    }
    const { batchId } = reply.as(checkAccepted)
    return this.#batches.wait(batchId, { ...options, deadlineMs: Math.max(0, endMs - performance.now()) })
  }

  /**
   * The same, but resolves as soon as the steps are safely queued. Ask `batches.wait` or `batches.get` for
   * the rest.
   */
  async enqueue(
    request: StepsRequest,
    options: Omit<StepsOptions, 'deadlineMs'> = {},
  ): Promise<BatchAccepted> {
    return (await this.#post(request, { ...options, waitMs: 0 })).as(checkAccepted)
  }

  /** The same, and then its results as they come: see `batches.events`. */
  async *stream(
    request: StepsRequest,
    options: Omit<StepsOptions, 'deadlineMs'> = {},
  ): AsyncGenerator<BatchEvent, void, undefined> {
    const { batchId } = await this.enqueue(request, options)
    yield* this.#batches.events(batchId, options)
  }

  #post(request: StepsRequest, options: StepsOptions & { waitMs: number; endMs?: number }): Promise<Reply> {
    const { waitMs, endMs = Infinity, signal, idempotencyKey = crypto.randomUUID() } = options
    return this.#transport.send({
      method: 'POST',
      path: '/v1/steps',
      body: { ...request, observations: request.observations.map(columnOf), waitMs },
      headers: { 'idempotency-key': idempotencyKey },
      waitMs,
      endMs,
      ...(signal === undefined ? {} : { signal }),
    })
  }
}

/** JSON writes NaN as null, which would mean "saw nothing": so it is refused here. */
function columnOf(column: ArrayLike<Seen>, modality: number): (number | null | number[])[] {
  return Array.from(column, (seen, i) => {
    if (seen === null || Number.isInteger(seen)) return seen as number | null
    const distribution = typeof seen === 'object' ? Array.from(seen) : []
    if (distribution.length > 0 && distribution.every(Number.isFinite)) return distribution
    const path = `observations[${modality}][${i}]`
    const expected = 'an integer, null or probabilities'
    const detail = `${path}: not an outcome (got ${JSON.stringify(String(seen))}, expected ${expected})`
    throw new CohortError('invalid_request', detail, {
      errors: [{ path, message: 'not an outcome', got: String(seen), expected }],
    })
  })
}
