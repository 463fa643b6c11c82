// The creation of populations: answered when it is done or has taken a while, and then gone on with.
import { randomUUID } from 'node:crypto'
import { BLOCK_AGENTS, CohortError, type CreatePopulation, type Limits, type Model } from '@cohort/contracts'
import { NUMERICS, validateModel, writeInitialRows } from '@cohort/inference'
import type { CreatedPopulation, PopulationSpec, Store } from '@cohort/store'
import type { Log } from '@cohort/telemetry'
import type { ModelShelf } from './model-shelf.js'

interface CreationNeeds {
  readonly store: Store
  readonly shelf: ModelShelf
  readonly limits: Limits
  readonly log: Log
  /** How long the caller is kept waiting. */
  readonly answerAfterMs: number
}

export interface Creation {
  readonly outcome: CreatedPopulation['outcome'] | 'creating'
  readonly id: string
}

export class Creations {
  readonly #needs: CreationNeeds
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(needs: CreationNeeds) {
    this.#needs = needs
  }

  /**
   * Creates the population, or goes on with a creation that was broken off. Throws `population_too_large`,
   * `unknown_model`, `population_exists` or `population_deleting`.
   */
  async create(request: CreatePopulation): Promise<Creation> {
    const { count, modelId, id = `p-${randomUUID()}`, seed = 0 } = request
    this.#refuseTooLarge(count)
    const { rowBytes } = await this.#needs.shelf.info(modelId)
    const model = validateModel(await this.#modelOf(modelId), this.#needs.limits)
    const writeBlock = (block: number) => {
      const from = block * BLOCK_AGENTS
      const out = new Uint8Array(Math.min(BLOCK_AGENTS, count - from) * rowBytes)
      writeInitialRows({ model, seed, from, out })
      return out
    }
    const outcome = await this.#answerInTime({ id, modelId, count, seed, numerics: NUMERICS }, writeBlock)
    return { outcome, id }
  }

  /** Resolves when none is under way any more. What a stop breaks off, the same request goes on with. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#underWay)
  }

  #refuseTooLarge(count: number): void {
    const most = this.#needs.limits.populationAgents
    if (count <= most) return
    const detail = `${count} agents are more than ${most} (COHORT_MAX_POPULATION_AGENTS)`
    const fault = { path: 'count', message: 'is too large', got: count, expected: `at most ${most}` }
    throw new CohortError('population_too_large', detail, { errors: [fault] })
  }

  async #modelOf(modelId: string): Promise<Model> {
    const json = await this.#needs.store.models.json(modelId)
    if (json === undefined) throw new CohortError('unknown_model', `there is no model ${modelId}`)
    return JSON.parse(json) as Model
  }

  async #answerInTime(
    spec: PopulationSpec,
    writeBlock: (block: number) => Uint8Array,
  ): Promise<Creation['outcome']> {
    const { store, log, answerAfterMs } = this.#needs
    const creation = store.populations.create(spec, writeBlock).then(({ outcome }) => outcome)
    const { promise: late, resolve } = Promise.withResolvers<'creating'>()
    const timer = setTimeout(resolve, answerAfterMs, 'creating')
    const ended = () => this.#underWay.delete(creation)
    this.#underWay.add(creation)
    creation.then(ended, ended)
    try {
      const outcome = await Promise.race([creation, late])
      if (outcome === 'creating') {
        creation.catch((error: unknown) => log.error('a creation broke off', { population: spec.id, error }))
      }
      return outcome
    } finally {
      clearTimeout(timer)
    }
  }
}
