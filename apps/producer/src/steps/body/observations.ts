// leg: admit. The observations of a request as columns, in the order of the ascending agents.
import {
  CohortError,
  counted,
  distributionFault,
  type Fault,
  faultsSaid,
  type ModelInfo,
  MOST_FAULTS,
  NOT_SEEN,
  SEEN_SOFTLY,
  shown,
  type StepRequest,
} from '@cohort/contracts'
import { invalidRequest } from '../../invalid-request.js'

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

/** What a modality's agents saw that is no outcome: distributions, in the order of their ranks. */
export interface SoftColumn {
  /** Numbers in each distribution. */
  readonly outcomes: number
  /** Ascending: whose they are. */
  readonly ranks: Uint32Array
  /** One after the other. */
  readonly values: Float64Array
}

export interface ReadColumns {
  /** columns[modality][rank], `NOT_SEEN` or `SEEN_SOFTLY` where there is no outcome. */
  readonly columns: readonly Int32Array[]
  /** soft[modality]; undefined where no agent of a modality saw softly, and as a whole where none did at all. */
  readonly soft: readonly (SoftColumn | undefined)[] | undefined
}

/**
 * `order[rank]` is the position in the request, undefined where that is the rank. Throws `observation_out_of_range`
 * for an outcome that the modality does not have, for what is no distribution over those that it has, and for any
 * distribution where the model takes none.
 */
export function readObservations(
  given: StepRequest['observations'],
  model: Pick<ModelInfo, 'shapes' | 'softObservations'>,
  order: Uint32Array | undefined,
): ReadColumns {
  const faults: Fault[] = []
  const soft: (SoftColumn | undefined)[] = []
  const columns = given.map((column, modality) => {
    const outcomes = model.shapes.numObs[modality] ?? 0
    const ranked = new Int32Array(column.length)
    const seenSoftly = new SoftList(outcomes)
    for (let rank = 0; rank < ranked.length; rank += 1) {
      const position = order?.[rank] ?? rank
      const seen = column[position] ?? NOT_SEEN
      if (typeof seen === 'number') {
        ranked[rank] = seen
        if (seen < outcomes) continue
      } else {
        ranked[rank] = SEEN_SOFTLY
        if (model.softObservations && seenSoftly.add(rank, seen)) continue
      }
      if (faults.length < MOST_FAULTS)
        faults.push({ path: `observations[${modality}][${position}]`, ...faultOf(seen, outcomes, model) })
    }
    soft.push(seenSoftly.column())
    return ranked
  })
  if (faults.length === 0) return { columns, soft: soft.some((one) => one !== undefined) ? soft : undefined }
  throw new CohortError('observation_out_of_range', faultsSaid(faults), { errors: faults })
}

class SoftList {
  readonly #outcomes: number
  readonly #ranks: number[] = []
  readonly #values: number[] = []

  constructor(outcomes: number) {
    this.#outcomes = outcomes
  }

  /** False where it is no distribution over the outcomes; nothing is kept then. */
  add(rank: number, distribution: readonly number[]): boolean {
    if (distribution.length !== this.#outcomes || distributionFault(distribution) !== undefined) return false
    this.#ranks.push(rank)
    for (const value of distribution) this.#values.push(value)
    return true
  }

  column(): SoftColumn | undefined {
    if (this.#ranks.length === 0) return undefined
    const [ranks, values] = [Uint32Array.from(this.#ranks), Float64Array.from(this.#values)]
    return { outcomes: this.#outcomes, ranks, values }
  }
}

function faultOf(
  seen: number | readonly number[],
  outcomes: number,
  { softObservations }: Pick<ModelInfo, 'softObservations'>,
): Omit<Fault, 'path'> {
  if (typeof seen === 'number')
    return {
      message: 'is out of range',
      got: seen,
      expected: `0 to ${outcomes - 1}, or null where nothing was seen`,
    }
  const got = shown(seen)
  if (!softObservations) {
    const message = 'is a distribution, which inference messagePassing does not take'
    return { message, got, expected: `0 to ${outcomes - 1}, or null` }
  }
  if (seen.length !== outcomes) {
    const expected = `${outcomes} probabilities, one for each outcome`
    return {
      message: `has ${counted(seen.length, 'probability', 'probabilities')} for ${counted(outcomes, 'outcome')}`,
      got,
      expected,
    }
  }
  const fault = distributionFault(seen)
  return {
    message: fault?.message ?? 'is no distribution',
    got,
    expected: `${outcomes} probabilities that sum to 1 ± 1e-6`,
  }
}
