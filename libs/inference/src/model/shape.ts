// Finds a model's shape from its first rows and checks that its parts agree. Allocates nothing of its size.
import type { Model, Tensor } from '@cohort/contracts'
import type { Faults } from './faults.js'
import type { ModelShape } from './layout.js'

/** The model's shape; where `faults` gained entries, it must not be used. */
export function findShape(model: Model, faults: Faults): ModelShape {
  const aDependencies = model.A_dependencies ?? model.A.map(() => model.B.map((_, f) => f))
  const bDependencies = model.B_dependencies ?? model.B.map((_, f) => [f])
  checkDependencies('A_dependencies', aDependencies, {
    lists: model.A.length,
    factors: model.B.length,
    faults,
  })
  checkDependencies('B_dependencies', bDependencies, {
    lists: model.B.length,
    factors: model.B.length,
    faults,
  })
  faults.check()
  const aLengths = model.A.map((A, m) => axisLengths(`A[${m}]`, A, aAxes(m, aDependencies[m]), faults))
  const bLengths = model.B.map((B, f) => axisLengths(`B[${f}]`, B, bAxes(f, bDependencies[f]), faults))
  faults.check()
  const shape = {
    numObs: aLengths.map((lengths) => lengths[0]),
    numStates: bLengths.map((lengths) => lengths[0]),
    numControls: bLengths.map((lengths) => lengths[lengths.length - 1]),
    aDependencies,
    bDependencies,
    policyLen: model.options?.policyLen ?? 1,
  }
  checkStateAxes('A', aLengths, { dependencies: aDependencies, shape, faults })
  checkStateAxes('B', bLengths, { dependencies: bDependencies, shape, faults })
  return shape
}

/** What each axis of `A[m]` counts. */
export const aAxes = (modality: number, factors: readonly number[]): string[] => [
  `outcomes of modality ${modality}`,
  ...factors.map((factor) => `states of factor ${factor}`),
]

/** What each axis of `B[f]` counts. */
export const bAxes = (factor: number, factors: readonly number[]): string[] => [
  `next states of factor ${factor}`,
  ...factors.map((parent) => `previous states of factor ${parent}`),
  `actions of factor ${factor}`,
]

interface DependencyBounds {
  readonly lists: number
  readonly factors: number
  readonly faults: Faults
}

function checkDependencies(
  path: string,
  dependencies: readonly (readonly number[])[],
  bounds: DependencyBounds,
): void {
  const { lists, factors, faults } = bounds
  if (dependencies.length !== lists) {
    faults.add(path, `has ${dependencies.length} lists`, { got: dependencies.length, expected: `${lists}` })
  }
  dependencies.forEach((list, i) =>
    list.forEach((factor, k) => {
      const at = `${path}[${i}][${k}]`
      if (factor >= factors) {
        faults.add(at, `names factor ${factor}`, { got: factor, expected: `0 to ${factors - 1}` })
      } else if (list.indexOf(factor) < k) {
        faults.add(at, `names factor ${factor} twice`, { got: factor, expected: 'each factor at most once' })
      }
    }),
  )
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

interface StateAxes {
  readonly dependencies: readonly (readonly number[])[]
  readonly shape: ModelShape
  readonly faults: Faults
}

/** The states of a factor are as many as `B[factor]` has next states, wherever they are an axis. */
function checkStateAxes(name: 'A' | 'B', lengths: readonly (readonly number[])[], axes: StateAxes): void {
  const { dependencies, shape, faults } = axes
  lengths.forEach((own, i) =>
    dependencies[i].forEach((factor, k) => {
      const states = shape.numStates[factor]
      if (own[k + 1] === states) return
      const named = (name === 'A' ? aAxes : bAxes)(i, dependencies[i])[k + 1]
      faults.add(`${name}[${i}]`, `axis ${k + 1} (${named}) has ${own[k + 1]} entries`, {
        got: own[k + 1],
        expected: `${states}, as B[${factor}] has next states`,
      })
    }),
  )
}
