// An assertion where data is handed on: what does not hold is a fault of ours, not the caller's.
import { CohortError } from '@cohort/contracts'

/** Throws `internal` where it does not hold. */
export function mustHold(holds: boolean, what: string): asserts holds {
  if (!holds) throw new CohortError('internal', `broken: ${what}`)
}
