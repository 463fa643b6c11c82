// A body of any origin → a value that fits its schema, or the request's faults.
import { CohortError, type Checked, type Fault, faultsSaid } from '@cohort/contracts'

/** Throws `invalid_request`. */
export function readBody<T>(check: (value: unknown) => Checked<T>, body: unknown): T {
  const checked = check(body)
  if (checked.ok) return checked.value
  throw invalidRequest(checked.faults)
}

export function invalidRequest(faults: readonly Fault[]): CohortError {
  return new CohortError('invalid_request', faultsSaid(faults), { errors: faults })
}
