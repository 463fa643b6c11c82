// The record of a population: what it is made of, which creation of it this is, and how far it has come.
import {
  BLOCK_AGENTS,
  CohortError,
  generation as asGeneration,
  type Generation,
  type ModelId,
  type PopulationId,
} from '@cohort/contracts'

export interface PopulationSpec {
  readonly id: PopulationId
  readonly modelId: ModelId
  readonly count: number
  readonly seed: number
  /** Of the kernel that makes the initial rows; kept in each block's header. */
  readonly numerics: number
}

/**
 * (none) → creating → ready → deleting → (none), and creating → deleting. Each change is a script that compares the
 * generation, so that a process that slept through a deletion does nothing to what came after it.
 */
export type PopulationState = 'creating' | 'ready' | 'deleting'

export interface PopulationRecord extends PopulationSpec {
  readonly blocks: number
  readonly generation: Generation
  readonly state: PopulationState
}

const STATES: readonly string[] = ['creating', 'ready', 'deleting'] satisfies PopulationState[]

/** Reads the record's hash; undefined where there is none. */
export function recordOf(
  id: PopulationId,
  hash: Readonly<Record<string, string>>,
): PopulationRecord | undefined {
  if (Object.keys(hash).length === 0) return undefined
  const { model = '', generation = '', state = '' } = hash
  const [count, seed, numerics] = [Number(hash['count']), Number(hash['seed']), Number(hash['numerics'])]
  const named = STATES.includes(state) && /^[0-9a-f]{16}$/.test(generation) && /^[0-9a-f]{64}$/.test(model)
  const counted = [count, seed, numerics].every((value) => Number.isSafeInteger(value)) && count > 0
  if (!named || !counted)
    throw new CohortError(
      'corrupt_record',
      `the record of population ${id} is damaged: ${JSON.stringify(hash)}`,
    )
  return {
    id,
    modelId: model,
    count,
    seed,
    numerics,
    blocks: Math.ceil(count / BLOCK_AGENTS),
    generation: asGeneration(generation),
    state: state as PopulationState,
  }
}

/** A script's flat list of names and values as the hash that it is. */
export const hashOf = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])))

/** Block numbers from 0 in arrays of at most `size`. */
export function* chunksOf(blocks: number, size: number): Generator<number[]> {
  for (let from = 0; from < blocks; from += size) {
    yield Array.from({ length: Math.min(size, blocks - from) }, (_, i) => from + i)
  }
}
