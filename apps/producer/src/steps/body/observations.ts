// leg: admit. The observations of a request as columns of integers in the order of the ascending agents.
import { CohortError, MOST_FAULTS, type Fault } from '@cohort/contracts'
import { invalidRequest } from '../../invalid-request.js'

/** What a job holds where nothing was seen. */
const NOTHING_SEEN = -1

interface Shape {
  /** Outcomes of each modality. */
  readonly numObs: readonly number[]
  readonly agents: number
}

/** Throws `invalid_request` for a modality, or an entry of one, too many or too few. */
export function refuseShape(given: readonly (readonly unknown[])[], { numObs, agents }: Shape): void {
  const faults: Fault[] = []
  if (given.length !== numObs.length) {
    const expected = `${numObs.length}, one for each modality`
    const message = `has ${given.length} ${given.length === 1 ? 'column' : 'columns'}, expected ${expected}`
    faults.push({ path: 'observations', message, got: given.length, expected })
  }
  for (const [modality, { length }] of given.slice(0, numObs.length).entries()) {
    if (length === agents) continue
    const expected = `${agents}, one for each agent`
    const message = `has ${length} ${length === 1 ? 'entry' : 'entries'}, expected ${expected}`
    faults.push({ path: `observations[${modality}]`, message, got: length, expected })
  }
  if (faults.length > 0) throw invalidRequest(faults)
}

/**
 * columns[modality][rank], −1 where nothing was seen; `order[rank]` is the position in the request, undefined
 * where that is the rank. Throws `observation_out_of_range` for an outcome that the modality does not have.
 */
export function readObservations(
  given: readonly (readonly (number | null)[])[],
  numObs: readonly number[],
  order: Uint32Array | undefined,
): Int32Array[] {
  const faults: Fault[] = []
  const columns = given.map((column, modality) => {
    const outcomes = numObs[modality] ?? 0
    const ranked = new Int32Array(column.length)
    for (let rank = 0; rank < ranked.length; rank += 1) {
      const position = order?.[rank] ?? rank
      const seen = column[position] ?? NOTHING_SEEN
      ranked[rank] = seen
      if (seen >= outcomes && faults.length < MOST_FAULTS)
        faults.push(outOfRange({ modality, position, seen, outcomes }))
    }
    return ranked
  })
  if (faults.length === 0) return columns
  throw new CohortError('observation_out_of_range', `${faults[0]?.path} is out of range`, { errors: faults })
}

interface Outside {
  readonly modality: number
  readonly position: number
  readonly seen: number
  readonly outcomes: number
}

const outOfRange = ({ modality, position, seen, outcomes }: Outside): Fault => ({
  path: `observations[${modality}][${position}]`,
  message: 'is out of range',
  got: seen,
  expected: `0 to ${outcomes - 1}, or null where nothing was seen`,
})
