// Models, populations and observations that tests share.
import type { Cohort, Model } from '@cohort/client'
import { GRID5_NOISY, gridModel } from '@cohort/worlds'

/** The noisy 5×5 grid with its goal in the last corner. With `policyLen` 3 a step costs about 25 times as much. */
const aModel = (options: Model['options'] = {}): Model => ({
  ...gridModel({ grid: GRID5_NOISY, goal: 24 }),
  options,
})

/** Options under which a job of 256 steps takes half a second: it can be caught in the middle. */
export const SLOW = { inference: 'messagePassing', window: 16, numIter: 256 } as const

/** Outcomes of the grid's one modality that differ from agent to agent and from round to round. */
export const sightings = (agents: number, round = 0): number[] =>
  Array.from({ length: agents }, (_, agent) => (agent * 7 + round * 3) % 25)

/** Three places, seen right three times in five, an action for each; agents learn all that there is to learn. */
export function aLearner(options: Model['options'] = {}): Model {
  const places = [0, 1, 2]
  const often = (same: boolean) => (same ? 3 : 1)
  const pA = [places.map((seen) => places.map((place) => often(seen === place)))]
  const pB = [places.map((next) => places.map(() => places.map((action) => often(next === action))))]
  return {
    A: pA.map((columns) => columns.map((row) => row.map((count) => count / 5))),
    B: pB.map((columns) => columns.map((from) => from.map((row) => row.map((count) => count / 5)))),
    C: [[0, 1, 3]],
    pA,
    pB,
    pD: [[1, 2, 1]],
    pE: Array.from({ length: 3 ** (options.policyLen ?? 1) }, (_, policy) => 1 + (policy % 2)),
    options: { learning: { A: { rate: 0.5 }, B: {}, D: {}, E: { forgetting: 0.1 } }, ...options },
  }
}

export interface APopulation {
  readonly count: number
  readonly id?: string
  readonly options?: Model['options']
  /** In place of the grid. */
  readonly model?: Model
}

/** A population that is ready to step; its id. */
export async function aPopulation(
  cohort: Cohort,
  { count, id, options, model = aModel(options) }: APopulation,
): Promise<string> {
  const { modelId } = await cohort.models.put(model)
  const { populationId } = await cohort.populations.create({
    modelId,
    count,
    ...(id === undefined ? {} : { id }),
  })
  await cohort.populations.waitUntilReady(populationId)
  return populationId
}
