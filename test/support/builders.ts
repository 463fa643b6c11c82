// Models, populations and observations that tests share.
import type { Cohort, Model } from '@cohort/client'
import { GRID5_NOISY, gridModel } from '@cohort/worlds'

/** The noisy 5×5 grid with its goal in the last corner. With `policyLen` 3 a step costs about 25 times as much. */
const aModel = (options: Model['options'] = {}): Model => ({
  ...gridModel({ grid: GRID5_NOISY, goal: 24 }),
  options,
})

/** Outcomes of the grid's one modality that differ from agent to agent and from round to round. */
export const sightings = (agents: number, round = 0): number[] =>
  Array.from({ length: agents }, (_, agent) => (agent * 7 + round * 3) % 25)

export interface APopulation {
  readonly count: number
  readonly id?: string
  readonly options?: Model['options']
}

/** A population that is ready to step; its id. */
export async function aPopulation(cohort: Cohort, { count, id, options }: APopulation): Promise<string> {
  const { modelId } = await cohort.models.put(aModel(options))
  const { populationId } = await cohort.populations.create({
    modelId,
    count,
    ...(id === undefined ? {} : { id }),
  })
  await cohort.populations.waitUntilReady(populationId)
  return populationId
}
