// Finds a model's shape from its first rows and checks that its parts agree. Allocates nothing of its size.
import { counted, type Model, type Tensor } from '@cohort/contracts'
import type { Faults } from './faults.js'
import { listPolicies } from './listed-policies.js'
import { checkOptions } from './options.js'
import type { ModelShape } from '../layout.js'
import { resolveOptions } from '../options.js'
import { countAll, countListed } from '../policies.js'

/** More than any model within its limits has; a bound before it is counted. */
const MOST_CONTROLS = 256

/** The model's shape, and its policies where it lists them. Throws `invalid_model` where its parts do not agree. */
export function findShape(
  model: Model,
  faults: Faults,
): { readonly shape: ModelShape; readonly listed: Uint32Array | null } {
  const dependencies = findDependencies(model, faults)
  const sizes = findSizes(model, dependencies, faults)
  const counts = { modalities: model.A.length, factors: model.B.length, controls: sizes.numControls.length }
  const options = resolveOptions(model, counts)
  checkOptions(model, options, counts, faults)
  const listed = listPolicies(model, { ...sizes, policyLen: options.policyLen }, faults)
  faults.check()
  const space = { ...sizes, controllable: options.controllable, policyLen: options.policyLen }
  const shape = {
    ...space,
    ...dependencies,
    ...(listed === null ? countAll(space) : countListed(listed, options.policyLen)),
    counted: {
      A: model.A.map((_, m) => hasOwn(model.pA, m)),
      B: model.B.map((_, f) => hasOwn(model.pB, f)),
      D: model.B.map((_, f) => hasOwn(model.pD, f)),
      E: model.pE !== undefined,
    },
    goals: model.B.map((_, f) => hasOwn(model.H, f)),
    options,
  }
  return { shape, listed }
}

const hasOwn = (list: readonly unknown[] | undefined, i: number): boolean => (list?.[i] ?? null) !== null

type Dependencies = Pick<ModelShape, 'aDependencies' | 'bDependencies' | 'bControls'>

function findDependencies(model: Model, faults: Faults): Dependencies {
  const aDependencies = model.A_dependencies ?? model.A.map(() => model.B.map((_, f) => f))
  const bDependencies = model.B_dependencies ?? model.B.map((_, f) => [f])
  const bControls = model.B_action_dependencies ?? model.B.map((_, f) => [f])
  const [modalities, factors] = [model.A.length, model.B.length]
  const of = (lists: number, count: number, what: string) => ({ lists, count, what, faults })
  checkDependencies('A_dependencies', aDependencies, of(modalities, factors, 'factor'))
  checkDependencies('B_dependencies', bDependencies, of(factors, factors, 'factor'))
  checkDependencies('B_action_dependencies', bControls, of(factors, MOST_CONTROLS, 'control'))
  faults.check()
  checkControls(bControls, faults)
  faults.check()
  return { aDependencies, bDependencies, bControls }
}

type Sizes = Pick<ModelShape, 'numObs' | 'numStates' | 'numControls'>

function findSizes(model: Model, dependencies: Dependencies, faults: Faults): Sizes {
  const { aDependencies, bDependencies, bControls } = dependencies
  const axesOfA = aDependencies.map((list, m) => aAxes(m, list))
  const axesOfB = bDependencies.map((list, f) => bAxes(f, list, bControls[f]))
  const aLengths = model.A.map((A, m) => axisLengths(`A[${m}]`, A, axesOfA[m], faults))
  const bLengths = model.B.map((B, f) => axisLengths(`B[${f}]`, B, axesOfB[f], faults))
  faults.check()
  const sizes = {
    numObs: aLengths.map((lengths) => lengths[0]),
    numStates: bLengths.map((lengths) => lengths[0]),
    numControls: controlsOf(bLengths, dependencies),
  }
  checkAxes('A', aLengths, {
    axes: aDependencies.map((list) => statesOf(list, sizes)),
    counts: axesOfA,
    faults,
  })
  checkAxes('B', bLengths, {
    axes: bDependencies.map((list, f) => [...statesOf(list, sizes), ...actionsOf(bControls[f], sizes)]),
    counts: axesOfB,
    faults,
  })
  return sizes
}

/** What each axis of `A[m]` counts. */
export const aAxes = (modality: number, factors: readonly number[]): string[] => [
  `outcomes of modality ${modality}`,
  ...factors.map((factor) => `states of factor ${factor}`),
]

/** What each axis of `B[f]` counts. */
export const bAxes = (factor: number, factors: readonly number[], controls: readonly number[]): string[] => [
  `next states of factor ${factor}`,
  ...factors.map((parent) => `previous states of factor ${parent}`),
  ...controls.map((control) => `actions of control ${control}`),
]

interface DependencyBounds {
  readonly lists: number
  /** How many there are of what the lists name. */
  readonly count: number
  readonly what: string
  readonly faults: Faults
}

function checkDependencies(
  path: string,
  dependencies: readonly (readonly number[])[],
  bounds: DependencyBounds,
): void {
  const { lists, count, what, faults } = bounds
  if (dependencies.length !== lists) {
    faults.add(path, `has ${counted(dependencies.length, 'list')}`, {
      got: dependencies.length,
      expected: `${lists}`,
    })
  }
  dependencies.forEach((list, i) => {
    // Before its entries are looked at, which for a list of a million would take minutes.
    if (list.length > count) {
      const expected = `at most ${count}, each ${what} once`
      return faults.add(`${path}[${i}]`, `has ${list.length} entries`, { got: list.length, expected })
    }
    list.forEach((named, k) => {
      const at = `${path}[${i}][${k}]`
      if (named >= count) {
        faults.add(at, `names ${what} ${named}`, { got: named, expected: `0 to ${count - 1}` })
      } else if (list.indexOf(named) < k) {
        faults.add(at, `names ${what} ${named} twice`, { got: named, expected: `each ${what} at most once` })
      }
    })
  })
}

/** Lengths along the first entries; as many axes as are named. */
function axisLengths(path: string, tensor: Tensor, axes: readonly string[], faults: Faults): number[] {
  const lengths: number[] = []
  let at: unknown = tensor
  for (const axis of axes) {
    const length = Array.isArray(at) ? at.length : undefined
    if (length === undefined) {
      const expected = `${axes.length} (${axes.join(', ')})`
      faults.add(path, `has ${lengths.length} of ${axes.length} axes`, { got: lengths.length, expected })
      break
    }
    if (length === 0) {
      const consequence = axis.startsWith('actions') ? ': no action, so the policy set is empty' : ''
      const message = `axis ${lengths.length} (${axis}) is empty${consequence}`
      faults.add(path, message, { got: 0, expected: 'at least 1' })
      break
    }
    lengths.push(length)
    at = (at as unknown[])[0]
  }
  return lengths
}

/** An axis as it must be: its length, and where that comes from. */
interface Axis {
  readonly length: number
  readonly as: string
}

/** The states of a factor are as many as `B[factor]` has next states, wherever they are an axis. */
const statesOf = (factors: readonly number[], { numStates }: Sizes): Axis[] =>
  factors.map((factor) => ({
    length: numStates[factor],
    as: `as B[${factor}] has next states`,
  }))

const actionsOf = (controls: readonly number[], { numControls }: Sizes): Axis[] =>
  controls.map((control) => ({
    length: numControls[control],
    as: 'as the first B that depends on it has',
  }))

interface ExpectedAxes {
  /** Per matrix, all axes after the first. */
  readonly axes: readonly (readonly Axis[])[]
  /** Per matrix, what each axis counts. */
  readonly counts: readonly (readonly string[])[]
  readonly faults: Faults
}

function checkAxes(name: 'A' | 'B', lengths: readonly (readonly number[])[], expected: ExpectedAxes): void {
  const { axes, counts, faults } = expected
  lengths.forEach((own, i) =>
    axes[i].forEach(({ length, as }, k) => {
      if (own[k + 1] === length) return
      faults.add(
        `${name}[${i}]`,
        `axis ${k + 1} (${counts[i][k + 1]}) has ${counted(own[k + 1], 'entry', 'entries')}`,
        {
          got: own[k + 1],
          expected: `${length}, ${as}`,
        },
      )
    }),
  )
}

/** Actions of each control, by the first transition that depends on it. */
function controlsOf(
  lengths: readonly (readonly number[])[],
  { bDependencies, bControls }: Dependencies,
): number[] {
  return Array.from({ length: countControls(bControls) }, (_, control) => {
    const f = bControls.findIndex((list) => list.includes(control))
    return lengths[f][1 + bDependencies[f].length + bControls[f].indexOf(control)]
  })
}

const countControls = (bControls: Dependencies['bControls']): number =>
  1 + bControls.flat().reduce((most, control) => Math.max(most, control), -1)

/** Controls are numbered without a gap: one that nothing depends on would be chosen and never felt. */
function checkControls(bControls: Dependencies['bControls'], faults: Faults): void {
  const controls = countControls(bControls)
  if (controls === 0)
    faults.add('B_action_dependencies', 'names no control', {
      got: bControls,
      expected: 'at least one control: an agent that cannot do a thing has one of one action',
    })
  for (let control = 0; control < controls; control++) {
    if (bControls.some((list) => list.includes(control))) continue
    faults.add('B_action_dependencies', `names no factor for control ${control}`, {
      got: `controls up to ${controls - 1}`,
      expected: 'each control named at least once',
    })
  }
}
