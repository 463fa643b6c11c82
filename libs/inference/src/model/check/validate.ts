// Checks a model once, at the border: what passes here is believed by everything behind it.
import { checker, CohortError, counted, type Limits, Model, type Tensor } from '@cohort/contracts'
import { compileModel } from '../compile.js'
import { mapModel } from '../compiled.js'
import { describeModel } from '../describe.js'
import { Faults, invalidModel } from './faults.js'
import { checkColumns, flatten, type Target } from './flatten.js'
import { countsOf, withCounts } from './counts.js'
import { type ModelShape, valueSteps } from '../layout.js'
import { threadBytes } from '../memory.js'
import { aAxes, bAxes, findShape } from './shape.js'
import { checkWork } from './check-work.js'
import type { ValidModel } from '../valid-model.js'

/**
 * Throws `invalid_model`, whose `errors` name matrix, index, value and what was expected (16 of them at
 * most), or `model_too_large`, which names the limit and is thrown before anything of the model's size is
 * allocated. Columns may be off by 1e-6 and are used as they are.
 */
export function validateModel(model: Model, limits: Limits): ValidModel {
  const fit = fitsSchema(model)
  if (!fit.ok) throw invalidModel(fit.faults)
  checkSizes(
    { factors: model.B.length, modalities: model.A.length, policies: model.policies?.length ?? 1 },
    limits,
  )
  const faults = new Faults()
  const { shape, listed } = findShape(model, faults)
  const { policies, compiledBytes, agentBytes } = describeModel(shape)
  // A few bytes of a model may ask each thread for gigabytes beside it.
  const ofThread = threadBytes(shape)
  const parts = `${compiledBytes} compiled and ${ofThread} in each thread that steps it`
  checkSizes({ policies, modelBytes: compiledBytes + ofThread, agentBytes }, limits, { modelBytes: parts })
  checkWork(shape, limits)
  const matrices = flattenAll(model, shape, faults)
  faults.check()
  const valid = { ...shape, ...matrices, listed }
  if (shape.options.precision === 'single') mustHaveProgram(valid)
  return valid
}

/** Only the batched kernel has another precision, and it has no room for every model. */
function mustHaveProgram(model: ValidModel): void {
  if (mapModel(compileModel(model).buffer, 0).program !== 0) return
  const message = 'is for the batched kernel, which has no room for so many policies or states'
  const expected = 'double, or a model of fewer'
  throw invalidModel([{ path: 'options.precision', message, got: 'single', expected }])
}

const fitsSchema = checker(Model)

/** `made` says what a size consists of. */
function checkSizes(
  sizes: Partial<Limits>,
  limits: Limits,
  made: Partial<Record<keyof Limits, string>> = {},
): void {
  const over = (Object.keys(sizes) as (keyof Limits)[]).filter((name) => (sizes[name] ?? 0) > limits[name])
  if (over.length === 0) return
  const errors = over.map((name) => ({
    path: name,
    message: `${sizes[name]} is over the limit${made[name] === undefined ? '' : ` (${made[name]})`}`,
    got: Number.isFinite(sizes[name]) ? sizes[name] : String(sizes[name]),
    expected: `at most ${limits[name]}`,
  }))
  const sentences = errors.map(({ path, message, expected }) => `${path}: ${message}, ${expected}`)
  throw new CohortError('model_too_large', sentences.join('; '), { errors })
}

type Matrices = Omit<ValidModel, keyof ModelShape | 'listed'>

function flattenAll(model: Model, shape: ModelShape, faults: Faults): Matrices {
  const targets = { A: targetsOfA(shape, faults), B: targetsOfB(shape, faults) }
  const A = model.A.map((tensor, m) => columns(tensor, targets.A[m]))
  const B = model.B.map((tensor, f) => columns(tensor, targets.B[f]))
  const D = initialBeliefs(model, shape, faults)
  const E = habits(model, shape, faults)
  const pA = countsOf('pA', model.pA, targets.A)
  const pB = countsOf('pB', model.pB, targets.B)
  const pD = countsOf('pD', model.pD, targetsOfD(shape, faults))
  const pE = habitCounts(model, shape, faults)
  return {
    A: withCounts(A, pA, { path: 'A', given: true, targets: targets.A }),
    B: withCounts(B, pB, { path: 'B', given: true, targets: targets.B }),
    C: preferences(model, shape, faults),
    D: withCounts(D, pD, { path: 'D', given: model.D !== undefined, targets: targetsOfD(shape, faults) }),
    E: withCounts([E], [pE], {
      path: 'E',
      given: model.E !== undefined,
      targets: [targetOfE(shape, faults)],
    })[0],
    pA,
    pB,
    pD,
    pE,
    H: goals(model, shape, faults),
  }
}

function targetsOfA({ numObs, numStates, aDependencies }: ModelShape, faults: Faults): Target[] {
  return aDependencies.map((factors, m) => ({
    path: `A[${m}]`,
    axes: aAxes(m, factors),
    lengths: [numObs[m], ...factors.map((factor) => numStates[factor])],
    faults,
  }))
}

function targetsOfB(shape: ModelShape, faults: Faults): Target[] {
  const { numStates, numControls, bDependencies, bControls } = shape
  return bDependencies.map((factors, f) => ({
    path: `B[${f}]`,
    axes: bAxes(f, factors, bControls[f]),
    lengths: [
      numStates[f],
      ...factors.map((factor) => numStates[factor]),
      ...bControls[f].map((control) => numControls[control]),
    ],
    faults,
  }))
}

const targetsOfD = ({ numStates }: ModelShape, faults: Faults): Target[] =>
  numStates.map((states, f) => ({
    path: `D[${f}]`,
    axes: [`states of factor ${f}`],
    lengths: [states],
    faults,
  }))

const targetOfE = ({ policies }: ModelShape, faults: Faults): Target => ({
  path: 'E',
  axes: ['policies'],
  lengths: [policies],
  faults,
})

/** A tensor whose columns over its first axis are distributions. */
function columns(tensor: Tensor, target: Target): Float64Array {
  const before = target.faults.list.length
  const flat = flatten(tensor, target, true)
  if (target.faults.list.length === before) checkColumns(flat, target)
  return flat
}

function preferences({ C }: Model, shape: ModelShape, faults: Faults): Float64Array[] {
  const { numObs } = shape
  const steps = valueSteps(shape)
  if (C === undefined) return numObs.map((outcomes) => new Float64Array(outcomes))
  checkListLength('C', C, { expected: numObs.length, each: 'modality', faults })
  return C.slice(0, numObs.length).map((tensor, m) => {
    const timed = Array.isArray(tensor[0])
    const axes = [`outcomes of modality ${m}`, `predicted steps`]
    const lengths = timed ? [numObs[m], steps] : [numObs[m]]
    return flatten(tensor, { path: `C[${m}]`, axes, lengths, faults }, false)
  })
}

function initialBeliefs({ D }: Model, shape: ModelShape, faults: Faults): Float64Array[] {
  const { numStates } = shape
  if (D === undefined) return numStates.map(uniformOver)
  checkListLength('D', D, { expected: numStates.length, each: 'factor', faults })
  const targets = targetsOfD(shape, faults)
  return D.slice(0, numStates.length).map((belief, f) => columns(belief, targets[f]))
}

function habits({ E }: Model, shape: ModelShape, faults: Faults): Float64Array {
  if (E === undefined) return uniformOver(shape.policies)
  return columns(E, targetOfE(shape, faults))
}

function habitCounts({ pE }: Model, shape: ModelShape, faults: Faults): Float64Array | null {
  if (pE === undefined) return null
  return countsOf('pE', [pE], [targetOfE(shape, faults)])[0]
}

/** H[f]: ones at the goals. */
function goals({ H }: Model, shape: ModelShape, faults: Faults): (Float64Array | null)[] {
  if (H === undefined) return []
  const { numStates, bDependencies } = shape
  checkListLength('H', H, { expected: numStates.length, each: 'factor', faults })
  if (H.every((goal) => goal === null))
    faults.add('H', 'names no goal', {
      got: H,
      expected: 'goal states for a factor at least, or it left out',
    })
  return H.slice(0, numStates.length).map((goal, f) => {
    if (goal === null) return null
    const target = { path: `H[${f}]`, axes: [`states of factor ${f}`], lengths: [numStates[f]], faults }
    if (bDependencies[f].join() !== String(f)) {
      const expected = `null, or B_dependencies[${f}] [${f}]`
      faults.add(target.path, 'is a goal of a factor that does not depend on itself alone', {
        got: bDependencies[f],
        expected,
      })
    }
    const flat = flatten(goal, target, true)
    const odd = flat.findIndex((entry) => entry !== 0 && entry !== 1)
    if (odd >= 0) faults.add(`H[${f}][${odd}]`, `is ${flat[odd]}`, { got: flat[odd], expected: '0 or 1' })
    if (!flat.some((entry) => entry > 0))
      faults.add(target.path, 'has no goal', { got: goal, expected: 'a 1 for each state to end in, or null' })
    return flat
  })
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
  faults.add(path, `has ${counted(list.length, 'array')}`, {
    got: list.length,
    expected: `${expected}, one per ${each}`,
  })
}
