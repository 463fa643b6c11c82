// Populations: agents that are created, looked at and deleted together.
import { checker, CohortError, type CreatePopulation, Population, PopulationCreated } from '@cohort/contracts'
import type { CallOptions } from './options.js'
import { pause, pollPauseMs } from './pause.js'
import type { Transport } from './transport.js'

const checkCreated = checker(PopulationCreated)
const checkPopulation = checker(Population)

export class Populations {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Creates `count` agents. Without an `id` one is made here, so that a retry means the same population. A
   * large population may come back in state `creating`: see `waitUntilReady`. `population_exists` where
   * another has the id.
   */
  async create(population: CreatePopulation, options: CallOptions = {}): Promise<PopulationCreated> {
    const body = { id: `p-${crypto.randomUUID()}`, ...population }
    return (await this.#transport.send({ ...options, method: 'POST', path: '/v1/populations', body })).as(
      checkCreated,
    )
  }

  /**
   * Its size, state, model, and how many steps its agents have taken; `unknown_population` where there is
   * none.
   */
  async get(id: string, options: CallOptions = {}): Promise<Population> {
    return (await this.#transport.send({ ...options, method: 'GET', path: pathOf(id) })).as(checkPopulation)
  }

  /**
   * Resolves when it can step; rejects with `population_deleting` or `unknown_population` where it is going
   * or gone.
   */
  async waitUntilReady(id: string, options: CallOptions = {}): Promise<Population> {
    for (let looks = 1; ; looks++) {
      const population = await this.get(id, options)
      if (population.state === 'ready') return population
      if (population.state === 'deleting')
        throw new CohortError('population_deleting', `population ${id} is being deleted`)
      await pause(pollPauseMs(looks), options.signal)
    }
  }

  /**
   * Deletes its agents and their state for good; `unknown_population` where there is none. Where an
   * attempt's answer was lost and the next finds nothing, it is done.
   */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    await this.#transport.send({
      ...options,
      method: 'DELETE',
      path: pathOf(id),
      goneIsDone: 'unknown_population',
    })
  }
}

const pathOf = (id: string): string => `/v1/populations/${encodeURIComponent(id)}`
