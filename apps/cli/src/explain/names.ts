// What factors, modalities and controls are called, and what is in them: from a file, or by their numbers.
import { CohortError, counted, type Fault } from '@cohort/contracts'
import { readJson } from '../read-json.js'

/** A factor with its states, a modality with its outcomes, or a control with its actions. */
export interface Named {
  readonly name: string
  readonly values: readonly string[]
}

export interface Names {
  readonly factors: readonly Named[]
  readonly modalities: readonly Named[]
  readonly controls: readonly Named[]
}

/** How many there are of each, and in each. */
export interface Sizes {
  readonly numStates: readonly number[]
  readonly numObs: readonly number[]
  readonly numControls: readonly number[]
}

/** What each kind is called in a file of names. */
const KINDS = {
  factors: { values: 'states', one: 'factor', value: 'state' },
  modalities: { values: 'outcomes', one: 'modality', value: 'outcome' },
  controls: { values: 'actions', one: 'control', value: 'action' },
} as const
type Kind = keyof typeof KINDS

/**
 * `{factors: [{name, states: […]}], modalities: [{name, outcomes: […]}], controls: [{name, actions: […]}]}`, each
 * of the three may be left out. Throws `usage` with every fault found.
 */
export async function readNames(path: string | undefined, sizes: Sizes): Promise<Names> {
  const given = path === undefined ? {} : await readJson(path)
  const faults: Fault[] = []
  const lists = { factors: sizes.numStates, modalities: sizes.numObs, controls: sizes.numControls }
  if (!isRecord(given)) faults.push({ path: '', message: 'is no object' })
  for (const field of isRecord(given) ? Object.keys(given) : [])
    if (!Object.hasOwn(KINDS, field)) faults.push({ path: field, message: 'is not known' })
  const named = (kind: Kind): Named[] =>
    isRecord(given) && given[kind] !== undefined
      ? checked(given[kind], { kind, counts: lists[kind], faults })
      : numbered(kind, lists[kind])
  const names = { factors: named('factors'), modalities: named('modalities'), controls: named('controls') }
  if (faults.length > 0)
    throw new CohortError('usage', `${path} does not name the parts of the model`, { errors: faults })
  return names
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const numbered = (kind: Kind, counts: readonly number[]): Named[] =>
  counts.map((count, i) => ({
    name: `${KINDS[kind].one} ${i}`,
    values: Array.from({ length: count }, (_, value) => `${KINDS[kind].value} ${value}`),
  }))

interface Expected {
  readonly kind: Kind
  readonly counts: readonly number[]
  readonly faults: Fault[]
}

function checked(given: unknown, { kind, counts, faults }: Expected): Named[] {
  const list = Array.isArray(given) ? (given as unknown[]) : []
  if (list.length !== counts.length) {
    const has = counted(counts.length, KINDS[kind].one, kind)
    faults.push({
      path: kind,
      message: `has ${counted(list.length, 'entry', 'entries')}, the model has ${has}`,
    })
  }
  return counts.map((count, i) => {
    const entry = isRecord(list[i]) ? list[i] : {}
    const { name } = entry
    const values = entry[KINDS[kind].values]
    if (typeof name !== 'string') faults.push({ path: `${kind}[${i}].name`, message: 'is no text' })
    const texts = Array.isArray(values) ? values.filter((value) => typeof value === 'string') : []
    if (texts.length !== count) {
      const path = `${kind}[${i}].${KINDS[kind].values}`
      faults.push({ path, message: `has ${counted(texts.length, 'text')}, the model has ${count}` })
    }
    return { name: String(name), values: texts }
  })
}
