// For tests: a model that uses all that a model can have, populations of it, and the jobs that step them.
import { randomUUID } from 'node:crypto'
import {
  BLOCK_AGENTS,
  DEFAULT_LIMITS,
  jobId,
  type Job,
  type Model,
  type ModelInfo,
  SEEN_SOFTLY,
  type Tensor,
} from '@cohort/contracts'
import {
  canonicalModel,
  describeModel,
  NUMERICS,
  validateModel,
  writeInitialRows,
  type ValidModel,
} from '@cohort/inference'
import { encodeObservations, type Observations } from '@cohort/queue'
import { type FoundPart, modelIdOf, type PopulationRecord, type Store } from '@cohort/store'

export const CHANNEL = 'answers-of-a-test'

export interface KnownModel {
  readonly valid: ValidModel
  readonly info: ModelInfo
}

/** Two factors, two modalities, twelve policies, actions drawn at random; `seed` makes another one. */
export function aModel(seed = 0, options: Model['options'] = {}): Model {
  const weight = (...at: number[]) =>
    1 + (((at.reduce((sum, i, axis) => sum + i * (7 + 6 * axis), seed) % 5) + 5) % 5)
  const column = (length: number, ...at: number[]) => {
    const weights = Array.from({ length }, (_, i) => weight(i, ...at))
    const sum = weights.reduce((total, one) => total + one, 0)
    return weights.map((one) => one / sum)
  }
  const range = (length: number) => Array.from({ length }, (_, i) => i)
  const likelihood = (outcomes: number) =>
    range(outcomes).map((o) => range(3).map((s) => range(2).map((z) => column(outcomes, s, z)[o] ?? 0)))
  const transition = (states: number, actions: number) =>
    range(states).map((next) =>
      range(states).map((from) => range(actions).map((a) => column(states, from, a)[next] ?? 0)),
    )
  return {
    A: [likelihood(4), likelihood(3)],
    B: [transition(3, 3), transition(2, 4)],
    C: [
      [0, 1, 2, -1],
      [0.5, 0, 0],
    ],
    D: [column(3, 1), column(2, 1)],
    options: {
      actionSelection: 'stochastic',
      ...(options.actionSelection === 'deterministic' ? {} : { alpha: 2 }),
      ...options,
    },
  }
}

/** The same with counts of all of its matrices, of which agents learn all. */
export function aLearner(options: Model['options'] = {}, policies = 12): Model {
  const model = aModel(0, { actionSelection: 'deterministic', ...options })
  const learning = { A: { rate: 0.5, forgetting: 0.05 }, B: {}, D: {}, E: { rate: 2 }, ...options.learning }
  return {
    ...model,
    pA: model.A.map(fourfold),
    pB: model.B.map(fourfold),
    pD: (model.D ?? []).map((D) => D.map((p) => 4 * p)),
    pE: Array.from({ length: policies }, (_one, policy) => 1 + (policy % 3)),
    options: { ...model.options, learning },
  }
}

const fourfold = (tensor: Tensor): Tensor =>
  tensor.map((entry) => (typeof entry === 'number' ? 4 * entry : fourfold(entry)))

export async function storeModel(store: Store, model: Model): Promise<KnownModel> {
  const valid = validateModel(model, DEFAULT_LIMITS)
  const json = canonicalModel(valid)
  const info = { ...describeModel(valid), modelId: modelIdOf(json) }
  await store.models.put(info.modelId, json, info)
  return { valid, info }
}

export async function aPopulation(
  store: Store,
  { valid, info }: KnownModel,
  id: string,
  count: number,
): Promise<PopulationRecord> {
  const spec = { id, modelId: info.modelId, count, seed: 11, numerics: NUMERICS }
  const { record } = await store.populations.create(spec, (block) => {
    const from = block * BLOCK_AGENTS
    const out = new Uint8Array(Math.min(BLOCK_AGENTS, count - from) * info.rowBytes)
    writeInitialRows({ model: valid, seed: spec.seed, from, out })
    return out
  })
  return record
}

/** A whole block of `count` rows of zeros, as the store gives it. */
export const foundRows = ({ rowBytes }: Pick<ModelInfo, 'rowBytes'>, count: number): FoundPart => ({
  state: 'found',
  rows: Buffer.alloc(count * rowBytes),
  whole: true,
  count,
  rowBytes,
  version: Buffer.alloc(16),
  rowsHash: null,
  modelPrefix: '0'.repeat(16),
  numerics: NUMERICS,
})

/** A whole block of a population, or some rows of it. */
export interface PartOf {
  readonly of: PopulationRecord
  readonly block?: number
  readonly index?: readonly number[]
}

export interface SeenOf {
  /** Makes other observations. */
  readonly salt?: number | undefined
  /** Some observations are distributions. */
  readonly soft?: boolean | undefined
}

export interface JobOf extends SeenOf {
  readonly model: KnownModel
  readonly parts: readonly PartOf[]
  /** The step at which all rows must be. */
  readonly t?: number
  readonly return?: Job['return']
}

/** Every outcome of the model, and now and then none or a distribution, in no order. */
export function observationsFor(
  { info }: KnownModel,
  count: number,
  { salt = 0, soft = false }: SeenOf = {},
): Observations {
  const { numObs } = info.shapes
  const drawn = (m: number, row: number) => Math.imul(row + 1000 * m + 100_000 * salt, 0x9e3779b1) >>> 8
  const columns = numObs.map((outcomes, m) =>
    Int32Array.from({ length: count }, (_, row) => {
      const seen = drawn(m, row)
      return soft && seen % 3 === 0 ? SEEN_SOFTLY : (seen % (outcomes + 1)) - 1
    }),
  )
  const distributions = columns.map((column, m) => {
    const rows = [...column.keys()].filter((row) => column[row] === SEEN_SOFTLY)
    return rows.length === 0
      ? null
      : Float64Array.from(rows.flatMap((row) => distribution(numObs[m] ?? 1, drawn(m, row))))
  })
  return { columns, soft: distributions }
}

function distribution(outcomes: number, drawn: number): number[] {
  const weights = Array.from({ length: outcomes }, (_, o) => 1 + ((drawn >>> o) % 7))
  const sum = weights.reduce((total, one) => total + one, 0)
  return weights.map((one) => one / sum)
}

export function aJob({ model, parts, salt, soft, t, return: wanted = ['action', 'step'] }: JobOf): {
  id: string
  job: Job
} {
  const jobParts = parts.map(({ of, block = 0, index }) => ({
    population: of.id,
    generation: of.generation,
    block,
    rows: index?.length ?? Math.min(BLOCK_AGENTS, of.count - block * BLOCK_AGENTS),
    ...(index === undefined ? {} : { index: [...index] }),
  }))
  const count = jobParts.reduce((sum, { rows }) => sum + rows, 0)
  const origin = { batch: `b-${randomUUID()}`, from: 0, count, ...(t === undefined ? {} : { t }) }
  const seen = observationsFor(model, count, { salt, soft })
  const job: Job = {
    v: 1,
    model: model.info.modelId,
    parts: jobParts,
    count,
    obs: encodeObservations(seen.columns, seen.soft),
    return: wanted,
    origins: [origin],
    channel: CHANNEL,
    addedMs: 0,
  }
  return { id: jobId(randomUUID()), job }
}
