// What the producer knows of models without asking Redis: they never change, so those used last are kept.
import { CohortError, type ModelId, type ModelInfo } from '@cohort/contracts'
import type { Store } from '@cohort/store'

/** A few hundred bytes each. */
const MOST_MODELS = 1024

export class ModelShelf {
  readonly #models: Store['models']
  /** In the order of their last use. */
  readonly #kept = new Map<ModelId, ModelInfo>()

  constructor(store: Store) {
    this.#models = store.models
  }

  /** Throws `unknown_model`. */
  async info(id: ModelId): Promise<ModelInfo> {
    const info = this.#kept.get(id) ?? (await this.#models.info(id))
    if (info === undefined) throw new CohortError('unknown_model', `there is no model ${id}`)
    this.#kept.delete(id)
    this.#kept.set(id, info)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MOST_MODELS && oldest !== undefined) this.#kept.delete(oldest)
    return info
  }
}
