// The demo's agents: four models (one a goal), a population for each, and squads that step together.
import { type Cohort, CohortError } from '@cohort/client'
import { corners, GRID5_NOISY, gridModel } from '@cohort/worlds'
import { Ledger } from './ledger.js'
import { Squad, SQUAD_AGENTS } from './squad.js'

const DELETE_MS = 10_000

export interface SwarmOptions {
  readonly cohort: Cohort
  readonly agents: number
  readonly seed: number
}

interface Troop {
  readonly population: string
  readonly goal: number
  readonly count: number
  readonly seed: number
  readonly ledger: Ledger
  readonly squads: readonly Squad[]
}

/** All agents of a run. Its populations are new ones, and are deleted at the end. */
export class Swarm {
  readonly troops: readonly Troop[]
  readonly agents: number
  readonly #cohort: Cohort

  constructor({ cohort, agents, seed }: SwarmOptions) {
    this.#cohort = cohort
    this.agents = agents
    const run = crypto.randomUUID()
    const goals = corners(GRID5_NOISY.size)
    const share = (i: number) => Math.floor(agents / goals.length) + (i < agents % goals.length ? 1 : 0)
    let firstAgent = 0
    this.troops = goals.flatMap((goal, i) => {
      const count = share(i)
      if (count === 0) return []
      const population = `demo-${run}-${i}`
      const squads = squadsOf({ population, goal, count, firstAgent, seed })
      firstAgent += count
      return [{ population, goal, count, seed: seed + i, ledger: new Ledger(count), squads }]
    })
  }

  get squads(): readonly Squad[] {
    return this.troops.flatMap(({ squads }) => squads)
  }

  /** Puts the models, creates the populations and waits until they can step. */
  async create(signal: AbortSignal): Promise<void> {
    await Promise.all(
      this.troops.map(async ({ population, goal, count, seed }) => {
        const { modelId } = await this.#cohort.models.put(gridModel({ grid: GRID5_NOISY, goal }), { signal })
        await this.#cohort.populations.create({ id: population, modelId, count, seed }, { signal })
        await this.#cohort.populations.waitUntilReady(population, { signal })
      }),
    )
  }

  /** Reads from Redis, through the producer, how many steps were applied. */
  async count(signal: AbortSignal): Promise<void> {
    for (const { population, ledger } of this.troops) {
      ledger.found((await this.#cohort.populations.get(population, { signal })).steps)
    }
  }

  /** Deletes what was created, in bounded time, in any state. Resolves with what could not be deleted. */
  async delete(): Promise<readonly string[]> {
    const signal = AbortSignal.timeout(DELETE_MS)
    const outcomes = await Promise.allSettled(
      this.troops.map(({ population }) => this.#cohort.populations.delete(population, { signal })),
    )
    return this.troops.flatMap(({ population }, i) => {
      const outcome = outcomes[i]
      const gone = outcome?.status !== 'rejected' || isUnknown(outcome.reason)
      return gone ? [] : [population]
    })
  }
}

const isUnknown = (error: unknown): boolean =>
  error instanceof CohortError && error.code === 'unknown_population'

function squadsOf(troop: Omit<Squad['place'], 'from'>): Squad[] {
  const squads: Squad[] = []
  for (let from = 0; from < troop.count; from += SQUAD_AGENTS) {
    const count = Math.min(SQUAD_AGENTS, troop.count - from)
    squads.push(new Squad({ ...troop, from, count, firstAgent: troop.firstAgent + from }))
  }
  return squads
}
