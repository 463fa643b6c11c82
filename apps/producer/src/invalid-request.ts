// A body of any origin → a value that fits its schema, or the request's faults.
import { CohortError, type Checked, type Fault } from '@cohort/contracts'

/** Throws `invalid_request`. */
export function readBody<T>(check: (value: unknown) => Checked<T>, body: unknown): T {
  const checked = check(body)
  if (checked.ok) return checked.value
  throw invalidRequest(checked.faults)
}

export function invalidRequest(faults: readonly Fault[]): CohortError {
  const [first] = faults
  const where = first === undefined || first.path === '' ? 'the body' : first.path
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : ''
  return new CohortError('invalid_request', `${where}: ${first?.message}${more}`, { errors: faults })
}
