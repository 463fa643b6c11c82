// Compiled models for jobs: in the arena once per process, compiled on a compute thread. Used by leg load.
import type { Lease, MatrixCache } from '@cohort/cache'
import { CohortError, type ModelId, type ModelInfo } from '@cohort/contracts'
import type { KernelName } from '@cohort/inference'
import type { Store } from '@cohort/store'
import type { Pool } from '@cohort/threads'
import type { Task, TaskResult } from '../thread/task.js'
import { guessStepMs, StepCost } from './step-cost.js'

/** The largest model that limits may allow compiles in some seconds. */
const COMPILE_LIMIT_MS = 120_000

const LANES: Readonly<Record<KernelName, number>> = { wasm: 8, reference: 1 }

/** What a job must know of its model; the cost is shared by all jobs, and measured by them. */
export interface KnownModel {
  readonly info: ModelInfo
  readonly cost: StepCost
  /** Rows that its kernel steps at a time. */
  readonly lanes: number
}

export type LeasedModel = Lease<KnownModel>

export class Models {
  readonly #cache: MatrixCache<KnownModel>
  readonly #store: Pick<Store, 'models'>
  readonly #pool: Pick<Pool<Task, TaskResult>, 'run'>

  constructor({
    cache,
    store,
    pool,
  }: {
    cache: MatrixCache<KnownModel>
    store: Pick<Store, 'models'>
    pool: Pick<Pool<Task, TaskResult>, 'run'>
  }) {
    this.#cache = cache
    this.#store = store
    this.#pool = pool
  }

  /** The caller releases it. Errors: `unknown_model`, `corrupt_record`, `model_too_large`, `arena_full`. */
  lease(id: ModelId): Promise<LeasedModel> {
    return this.#cache.lease(id, () => this.#compile(id))
  }

  async #compile(id: ModelId): Promise<{ bytes: Uint8Array; info: KnownModel }> {
    const json = await this.#store.models.json(id)
    if (json === undefined) throw new CohortError('unknown_model', `there is no model ${id}`)
    // A job has been taken for it, and others may wait for the same.
    const compiled = await this.#pool.run(
      { kind: 'compile', json },
      { priority: 'high', limitMs: COMPILE_LIMIT_MS },
    )
    if (compiled.kind !== 'compiled')
      throw new CohortError('internal', `a compile task answered ${compiled.kind}`)
    const info = { ...compiled.info, modelId: id }
    const cost = new StepCost(guessStepMs(compiled.work, compiled.kernel))
    return { bytes: compiled.bytes, info: { info, cost, lanes: LANES[compiled.kernel] } }
  }
}
