// Checks a model once, at the border: what passes here is believed by everything behind it.
import { checker, CohortError, type Limits, Model, type Tensor } from '@cohort/contracts'
import { describeModel } from './describe.js'
import { Faults, invalidModel } from './faults.js'
import { checkColumns, flatten, type Target } from './flatten.js'
import type { ModelShape } from './layout.js'
import { countPolicies } from './policies.js'
import { aAxes, bAxes, findShape } from './shape.js'
import type { ValidModel } from './valid-model.js'

/** pymdp's defaults. */
const DEFAULT_OPTIONS: ValidModel['options'] = {
  policyLen: 1,
  useUtility: true,
  useStatesInfoGain: true,
  gamma: 16,
  alpha: 16,
  actionSelection: 'deterministic',
  samplingMode: 'marginal',
  numIter: 10,
  dF: 1,
  dFTol: 0.001,
  computeVfe: true,
}

/**
 * Throws `invalid_model`, whose `errors` name matrix, index, value and what was expected (16 of them at
 * most), or `model_too_large`, which names the limit and is thrown before anything of the model's size is
 * allocated. Columns may be off by 1e-6 and are used as they are.
 */
export function validateModel(model: Model, limits: Limits): ValidModel {
  const fit = fitsSchema(model)
  if (!fit.ok) throw invalidModel(fit.faults)
  checkSizes({ factors: model.B.length, modalities: model.A.length }, limits)
  const faults = new Faults()
  const shape = findShape(model, faults)
  faults.check()
  const { policies, compiledBytes, agentBytes } = describeModel(shape)
  checkSizes({ policies, modelBytes: compiledBytes, agentBytes }, limits)
  const matrices = flattenAll(model, shape, faults)
  faults.check()
  return { ...shape, ...matrices, options: { ...DEFAULT_OPTIONS, ...model.options } }
}

const fitsSchema = checker(Model)

function checkSizes(sizes: Partial<Limits>, limits: Limits): void {
  const over = (Object.keys(sizes) as (keyof Limits)[]).filter((name) => (sizes[name] ?? 0) > limits[name])
  if (over.length === 0) return
  const errors = over.map((name) => ({
    path: name,
    message: `${sizes[name]} is over the limit`,
    got: String(sizes[name]),
    expected: `at most ${limits[name]}`,
  }))
  const sentences = errors.map(({ path, got, expected }) => `${path}: ${got}, ${expected}`)
  throw new CohortError('model_too_large', sentences.join('; '), { errors })
}

function flattenAll(
  model: Model,
  shape: ModelShape,
  faults: Faults,
): Pick<ValidModel, 'A' | 'B' | 'C' | 'D' | 'E'> {
  const { numObs, numStates, numControls, aDependencies, bDependencies } = shape
  const statesOf = (factors: readonly number[]) => factors.map((factor) => numStates[factor])
  return {
    A: model.A.map((A, m) => {
      const lengths = [numObs[m], ...statesOf(aDependencies[m])]
      return columns(A, { path: `A[${m}]`, axes: aAxes(m, aDependencies[m]), lengths, faults })
    }),
    B: model.B.map((B, f) => {
      const lengths = [numStates[f], ...statesOf(bDependencies[f]), numControls[f]]
      return columns(B, { path: `B[${f}]`, axes: bAxes(f, bDependencies[f]), lengths, faults })
    }),
    C: preferences(model, shape, faults),
    D: initialBeliefs(model, shape, faults),
    E: habits(model, shape, faults),
  }
}

/** A tensor whose columns over its first axis are distributions. */
function columns(tensor: Tensor, target: Target): Float64Array {
  const before = target.faults.list.length
  const flat = flatten(tensor, target, true)
  if (target.faults.list.length === before) checkColumns(flat, target)
  return flat
}

function preferences({ C }: Model, { numObs, policyLen }: ModelShape, faults: Faults): Float64Array[] {
  if (C === undefined) return numObs.map((outcomes) => new Float64Array(outcomes))
  checkListLength('C', C, { expected: numObs.length, each: 'modality', faults })
  return C.slice(0, numObs.length).map((tensor, m) => {
    const timed = Array.isArray(tensor[0])
    const axes = [`outcomes of modality ${m}`, 'predicted steps, options.policyLen of them']
    const lengths = timed ? [numObs[m], policyLen] : [numObs[m]]
    return flatten(tensor, { path: `C[${m}]`, axes, lengths, faults }, false)
  })
}

function initialBeliefs({ D }: Model, { numStates }: ModelShape, faults: Faults): Float64Array[] {
  if (D === undefined) return numStates.map(uniformOver)
  checkListLength('D', D, { expected: numStates.length, each: 'factor', faults })
  return D.slice(0, numStates.length).map((belief, f) =>
    columns(belief, { path: `D[${f}]`, axes: [`states of factor ${f}`], lengths: [numStates[f]], faults }),
  )
}

function habits({ E }: Model, shape: ModelShape, faults: Faults): Float64Array {
  const policies = countPolicies(shape)
  if (E === undefined) return uniformOver(policies)
  return columns(E, { path: 'E', axes: ['policies'], lengths: [policies], faults })
}

const uniformOver = (entries: number): Float64Array => new Float64Array(entries).fill(1 / entries)

interface ListLength {
  readonly expected: number
  readonly each: string
  readonly faults: Faults
}

function checkListLength(
  path: string,
  list: readonly unknown[],
  { expected, each, faults }: ListLength,
): void {
  if (list.length === expected) return
  faults.add(path, `has ${list.length} arrays`, {
    got: list.length,
    expected: `${expected}, one per ${each}`,
  })
}
