// leg: admit. How long the results of a request may become as JSON: known before any of its steps is done.
import {
  CohortError,
  type Limits,
  type ModelInfo,
  type ReturnField,
  type StepRequest,
} from '@cohort/contracts'

/** The most characters of one number, its comma included: an index, a count of steps, a real number. */
const INDEX = 11
const COUNT = 17
const REAL = 25
/** Two brackets and a comma. */
const ARRAY = 3

interface Wanted {
  readonly fields: readonly ReturnField[]
  readonly model: Pick<ModelInfo, 'shapes' | 'policies'>
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

/** An upper bound of the characters that one agent adds to the results. */
export function resultCharacters(
  fields: readonly ReturnField[],
  { shapes, policies }: Wanted['model'],
): number {
  const ofPolicies = ARRAY + policies * REAL
  const columns: Readonly<Record<ReturnField, number>> = {
    action: shapes.numControls.length * INDEX,
    step: COUNT,
    beliefs: shapes.numStates.reduce((sum, states) => sum + ARRAY + states * REAL, 0),
    qPi: ofPolicies,
    G: ofPolicies,
    vfe: REAL,
  }
  return fields.reduce((sum, field) => sum + columns[field], INDEX)
}
