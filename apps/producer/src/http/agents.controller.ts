// GET of single agents: their beliefs and what they have learned, as their last step left them.
import { Controller, Get, Inject, Param } from '@nestjs/common'
import { BLOCK_AGENTS, CohortError, shown, type Agent } from '@cohort/contracts'
import { readRow } from '@cohort/inference'
import type { LoadedPart, Store } from '@cohort/store'
import type { ModelShelf } from '../model-shelf.js'
import { SHELF, STORE } from '../tokens.js'

@Controller('v1/agents')
export class AgentsController {
  readonly #store: Store
  readonly #shelf: ModelShelf

  constructor(@Inject(STORE) store: Store, @Inject(SHELF) shelf: ModelShelf) {
    this.#store = store
    this.#shelf = shelf
  }

  @Get(':agentId')
  async get(@Param('agentId') agentId: string): Promise<Agent> {
    const { population: id, index } = parseAgentId(agentId)
    const population = await this.#store.populations.get(id)
    if (population === undefined) throw new CohortError('unknown_population', `there is no population ${id}`)
    if (population.state !== 'ready')
      throw new CohortError(`population_${population.state}`, `population ${id} is ${population.state}`)
    if (index >= population.count) throw unknownAgent(agentId)
    const part = {
      population: id,
      generation: population.generation,
      block: Math.floor(index / BLOCK_AGENTS),
      index: [index % BLOCK_AGENTS],
    }
    const [loaded] = await this.#store.blocks.load([part])
    const { seed: _, ...state } = readRow(await this.#shelf.info(population.modelId), rowOf(loaded, agentId))
    return { agentId, modelId: population.modelId, ...state }
  }
}

function parseAgentId(agentId: string): { population: string; index: number } {
  const colon = agentId.lastIndexOf(':')
  const index = agentId.slice(colon + 1)
  const population = colon < 1 ? agentId : agentId.slice(0, colon)
  // One agent has one id: `p:00` is none.
  if (colon < 1 || !/^(?:0|[1-9]\d{0,14})$/.test(index)) {
    const example = `${String(shown(population.replaceAll(':', '') || 'population'))}:0`
    throw new CohortError('unknown_agent', `an agent’s id is population:index, e.g. ${example}`)
  }
  return { population, index: Number(index) }
}

function rowOf(loaded: LoadedPart | undefined, agentId: string): Uint8Array {
  if (loaded?.state === 'corrupt') throw new CohortError('corrupt_record', loaded.detail)
  // Its population was deleted between the two questions.
  if (loaded?.state !== 'found') throw unknownAgent(agentId)
  return loaded.rows
}

const unknownAgent = (agentId: string): CohortError =>
  new CohortError('unknown_agent', `there is no agent ${agentId}`)
