// leg: admit. How long the results of a request may become as JSON: known before any of its steps is done.
import {
  CohortError,
  type Limits,
  type ModelInfo,
  type ReturnField,
  type StepRequest,
  TERMS,
} from '@cohort/contracts'
import { agentBytesWith } from '../agent-bytes.js'

/** The most characters of one number, its comma included: an index, a count of steps, a real number. */
const INDEX = 11
const COUNT = 17
const REAL = 25
/** Two brackets and a comma. */
const ARRAY = 3

interface Wanted {
  readonly fields: readonly ReturnField[]
  readonly model: Pick<ModelInfo, 'shapes' | 'policies' | 'row'>
  readonly limits: Pick<Limits, 'resultBytes'>
}

/** Throws `too_many_steps` where the results might be more than `resultBytes`. */
export function refuseLargeResults(
  { observations }: Pick<StepRequest, 'observations'>,
  { fields, model, limits: { resultBytes } }: Wanted,
): void {
  const agents = observations[0]?.length ?? 0
  const bytes = agents * resultCharacters(fields, model)
  if (bytes <= resultBytes) return
  const detail =
    `results of ${agents} agents with ${fields.join(', ')} may have ${bytes} bytes, ` +
    `which is more than ${resultBytes} (COHORT_MAX_RESULT_BYTES)`
  const fault = {
    path: 'return',
    message: 'asks for too much',
    got: bytes,
    expected: `at most ${resultBytes} bytes`,
  }
  throw new CohortError('too_many_steps', detail, { errors: [fault] })
}

/** Throws `model_too_large` where `terms` would make an agent larger than `agentBytes`. */
export function refuseLargeTerms(
  fields: readonly ReturnField[],
  { model, limits: { agentBytes } }: { model: ModelInfo; limits: Pick<Limits, 'agentBytes'> },
): void {
  const bytes = agentBytesWith(fields, model)
  if (!fields.includes('terms') || bytes <= agentBytes) return
  const detail =
    `with its terms an agent of this model takes ${bytes} bytes in a worker’s arena, ` +
    `which is more than ${agentBytes} (COHORT_MAX_AGENT_BYTES)`
  const fault = {
    path: 'return',
    message: 'names terms',
    got: bytes,
    expected: `at most ${agentBytes} bytes`,
  }
  throw new CohortError('model_too_large', detail, { errors: [fault] })
}

/** An upper bound of the characters that one agent adds to the results. */
export function resultCharacters(
  fields: readonly ReturnField[],
  { shapes, policies, row }: Wanted['model'],
): number {
  const ofPolicies = ARRAY + policies * REAL
  const controls = shapes.numControls.length
  const columns: Readonly<Record<ReturnField, number>> = {
    action: controls * INDEX,
    step: COUNT,
    beliefs: shapes.numStates.reduce((sum, states) => sum + ARRAY + states * REAL, 0),
    qPi: ofPolicies,
    G: ofPolicies,
    vfe: REAL,
    iterations: INDEX,
    margin: controls * REAL,
    terms: TERMS.length * ofPolicies,
  }
  // An agent's index as one that stepped, that saw the impossible, and that kept its plan.
  const named = INDEX * (row.some(({ name }) => name === 'planAge') ? 3 : 2)
  return fields.reduce((sum, field) => sum + columns[field], named)
}
