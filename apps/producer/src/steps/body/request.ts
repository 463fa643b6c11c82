// leg: admit. A body of any origin → a request for steps that fits its schema, or the faults of it.
import {
  checker,
  MOST_FAULTS,
  MOST_FIELDS,
  MOST_MODALITIES,
  shown,
  StepRequest,
  type Fault,
} from '@cohort/contracts'
import { invalidRequest } from '../../invalid-request.js'

const checkRequest = checker(StepRequest)

/**
 * Accepts what the schema accepts. The two long arrays are looked through here and the schema sees the rest:
 * naming the one bad entry among a million takes the schema's walker 3 s, in which nothing else would be
 * served. Throws `invalid_request`.
 */
export function readRequest(body: unknown): StepRequest {
  const faults: Fault[] = []
  const { lean, request } = withoutEntries(body, faults)
  const checked = checkRequest(lean)
  if (!checked.ok) faults.push(...checked.faults)
  if (faults.length === 0) return request
  throw invalidRequest(faults)
}

/** The body with each long array emptied of what was found good; the faults of its entries are noted. */
function withoutEntries(body: unknown, faults: Fault[]): { lean: unknown; request: StepRequest } {
  // True only after the schema has accepted the lean body and no entry was at fault.
  const request = body as StepRequest
  if (typeof body !== 'object' || body === null) return { lean: body, request }
  // Refused by the checker at a glance; a copy of a million fields would take longer.
  if (Object.keys(body).length > MOST_FIELDS) return { lean: body, request }
  const { agents, observations } = body as Readonly<Record<string, unknown>>
  const lean: Record<string, unknown> = { ...body }
  if (Array.isArray(observations) && observations.length <= MOST_MODALITIES) {
    lean['observations'] = observations.map((column: unknown, modality) =>
      Array.isArray(column)
        ? checkedEntries(column, isOutcome, { path: `observations[${modality}]`, faults })
        : column,
    )
  }
  if (Array.isArray(agents) && agents.length > 0) {
    checkedEntries(agents, isIndex, { path: 'agents', faults })
    lean['agents'] = [0]
  }
  return { lean, request }
}

const isIndex = (entry: unknown): boolean => Number.isInteger(entry) && (entry as number) >= 0
const isOutcome = (entry: unknown): boolean => entry === null || isIndex(entry) || isDistribution(entry)
/** Its length and its sum are looked at with the model, in `readObservations`. */
const isDistribution = (entry: unknown): boolean =>
  Array.isArray(entry) && entry.length > 0 && entry.every((one) => Number.isFinite(one) && one >= 0)

interface Found {
  readonly path: string
  readonly faults: Fault[]
}

function checkedEntries(
  entries: readonly unknown[],
  fits: (entry: unknown) => boolean,
  { path, faults }: Found,
): [] {
  for (let i = 0; i < entries.length && faults.length < MOST_FAULTS; i += 1) {
    if (fits(entries[i])) continue
    faults.push({ path: `${path}[${i}]`, ...misfit(entries[i], fits(null)) })
  }
  return []
}

function misfit(entry: unknown, isOfOutcomes: boolean): Omit<Fault, 'path'> {
  const got = shown(entry)
  const message = Number.isInteger(entry) ? 'must be at least 0' : 'must be an integer'
  if (!isOfOutcomes) return { message, got, expected: 'an integer from 0' }
  if (Array.isArray(entry))
    return { message: 'must hold probabilities', got, expected: 'a number from 0 to 1 for each outcome' }
  const expected = 'an integer from 0, null where nothing was seen, or a probability for each outcome'
  return { message, got, expected }
}
