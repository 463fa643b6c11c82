// leg: admit. Decides whether a request for steps can be done, and lays it out for gathering. Next: gather.ts
import { randomUUID } from 'node:crypto'
import {
  batchId,
  CohortError,
  DEFAULT_RETURN,
  RETURN_FIELDS,
  type BatchId,
  type Limits,
  type ModelInfo,
  type PopulationId,
  type ReturnField,
  type StepRequest,
} from '@cohort/contracts'
import type { PopulationRecord, Store } from '@cohort/store'
import type { RequestSpan } from '@cohort/telemetry'
import type { ModelShelf } from '../model-shelf.js'
import { agentsNamed, chooseAgents } from './body/agents.js'
import { readObservations, refuseShape, type ReadColumns } from './body/observations.js'
import { readRequest } from './body/request.js'
import { refuseLargeResults, refuseLargeTerms } from './body/result-size.js'
import type { WaitingSteps } from './waiting-steps.js'

/** A request for steps that can be done: no field of it is checked again on the way to the worker. */
export interface AdmittedSteps extends ReadColumns {
  readonly batch: BatchId
  readonly population: { readonly id: PopulationId; readonly generation: string; readonly count: number }
  readonly model: ModelInfo
  /** Columns wanted, in the order of RETURN_FIELDS. */
  readonly fields: readonly ReturnField[]
  /** Ascending, each once. An agent's place among them is its rank. */
  readonly agents: Uint32Array
  /** order[rank]: the agent's position in the request; undefined where that is its rank. */
  readonly order: Uint32Array | undefined
  readonly t: number | undefined
  readonly waitMs: number
  /** Milliseconds since 1970: when the request's head was here, and when this leg ended. */
  readonly arrivedMs: number
  readonly admittedMs: number
  /** Undefined where nothing is traced. */
  readonly trace?: RequestSpan | undefined
}

export interface AdmitNeeds {
  readonly store: Store
  readonly shelf: ModelShelf
  readonly limits: Limits
  readonly waiting: WaitingSteps
  readonly nowMs: () => number
}

/**
 * Refuses what does not fit the schema, the population, the model or the limits, naming the field; throws
 * `overloaded` where too many steps wait. The steps returned count as waiting: whoever has them gives them
 * back at their end.
 */
export async function admit(needs: AdmitNeeds, body: unknown, arrivedMs: number): Promise<AdmittedSteps> {
  const request = readRequest(body)
  // As many as agents, or refused below. Counted before any wait: a request that waits is memory.
  const steps = request.observations[0]?.length ?? 0
  refuseTooMany(steps, needs.limits)
  needs.waiting.take(steps)
  try {
    return await laidOut(needs, request, arrivedMs)
  } catch (error) {
    needs.waiting.give(steps)
    throw error
  }
}

async function laidOut(
  { store, shelf, limits, nowMs }: AdmitNeeds,
  request: StepRequest,
  arrivedMs: number,
): Promise<AdmittedSteps> {
  // Read each time: a record kept here for even a second would take steps for a population that was deleted.
  const population = usable(request.population, await store.populations.get(request.population))
  const model = await shelf.info(population.modelId)
  const { numObs } = model.shapes
  refuseShape(request.observations, { numObs, agents: agentsNamed(request.agents, population.count) })
  const fields = fieldsOf(request)
  refuseLargeResults(request, { fields, model, limits })
  refuseLargeTerms(fields, { model, limits })
  const { agents, order } = chooseAgents(request.agents, population.count)
  return {
    batch: batchId(randomUUID()),
    population,
    model,
    fields,
    agents,
    order,
    ...readObservations(request.observations, model, order),
    t: request.t,
    waitMs: request.waitMs ?? 0,
    arrivedMs,
    admittedMs: nowMs(),
  }
}

function usable(id: PopulationId, population: PopulationRecord | undefined): PopulationRecord {
  if (population === undefined) throw new CohortError('unknown_population', `there is no population ${id}`)
  if (population.state === 'creating')
    throw new CohortError('population_creating', `population ${id} is not ready yet`)
  if (population.state === 'deleting')
    throw new CohortError('population_deleting', `population ${id} is being deleted`)
  return population
}

function refuseTooMany(steps: number, { stepsPerRequest }: Limits): void {
  if (steps <= stepsPerRequest) return
  const detail = `${steps} steps are more than ${stepsPerRequest} (COHORT_MAX_REQUEST_STEPS)`
  const fault = {
    path: 'observations[0]',
    message: 'holds too many',
    got: steps,
    expected: `at most ${stepsPerRequest}`,
  }
  throw new CohortError('too_many_steps', detail, { errors: [fault] })
}

function fieldsOf(request: StepRequest): ReturnField[] {
  const wanted: readonly ReturnField[] = request.return ?? DEFAULT_RETURN
  return RETURN_FIELDS.filter((field) => wanted.includes(field))
}
