// For tests: models in which every modality, factor and control depends on some others alone, and their plain arrays.
import type { Model, ModelOptions, Tensor } from '@cohort/contracts'
import fc from 'fast-check'
import { numbers } from './models.js'

/** What decides a structured model; its dependencies are drawn from the seed. */
export interface Structure {
  readonly numStates: readonly number[]
  readonly numObs: readonly number[]
  readonly numControls: readonly number[]
  readonly seed: number
  /** Share of entries that are exactly zero. */
  readonly zeros: number
  /** Every modality depends on all factors. */
  readonly whole?: boolean
}

/** A model whose dependencies are all spelled out. */
export interface Structured extends Omit<Structure, 'seed' | 'zeros' | 'whole'> {
  readonly A: readonly number[][]
  readonly B: readonly number[][]
  readonly controls: readonly number[][]
  readonly model: Model
}

const size = (max: number) => fc.integer({ min: 1, max })
const sizes = (max: number, most: number) => fc.array(size(max), { minLength: 1, maxLength: most })

export const structures: fc.Arbitrary<Structure> = fc.record({
  numStates: sizes(3, 3),
  numObs: sizes(3, 3),
  numControls: sizes(3, 2),
  seed: fc.nat(),
  zeros: fc.constantFrom(0, 0.4),
})

/** With counts of everything: `weight` in each column, more or less. */
export function structured(structure: Structure, options: ModelOptions = {}): Structured {
  const { numStates, numObs, numControls, seed, zeros } = structure
  const random = numbers(seed)
  const factors = [...numStates.keys()]
  const A = numObs.map(() => (structure.whole ? factors : some(factors, random)))
  const B = factors.map((f) => [...new Set([f, ...some(factors, random)])])
  const controls = factors.map((f) =>
    some([...numControls.keys()], random).concat(f === 0 ? [...numControls.keys()] : []),
  )
  const heard = controls.map((list) => [...new Set(list)])
  const filled = (lengths: readonly number[]) => columns(lengths, zeros, random)
  const pA = A.map((list, m) => filled([numObs[m], ...list.map((f) => numStates[f])]))
  const pB = B.map((list, f) =>
    filled([numStates[f], ...list.map((g) => numStates[g]), ...heard[f].map((c) => numControls[c])]),
  )
  const pD = numStates.map((states) => filled([states]) as number[])
  const model = {
    A: pA.map(normalised),
    B: pB.map(normalised),
    C: numObs.map((outcomes) => Array.from({ length: outcomes }, () => 3 * random() - 1)),
    D: pD.map((counts) => normalised(counts) as number[]),
    A_dependencies: A,
    B_dependencies: B,
    B_action_dependencies: heard,
    pA,
    pB,
    pD,
    options,
  }
  return { numStates, numObs, numControls, A, B, controls: heard, model }
}

/** Some of the list in any order, now and then none. */
function some<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, Math.floor(random() * (list.length + 1)))
    .map(({ one }) => one)
}

/** An array of these axes, each entry by its index. */
export function tensor(
  lengths: readonly number[],
  entry: (index: readonly number[]) => number,
  index: readonly number[] = [],
): Tensor {
  const length = lengths[index.length]
  const last = index.length === lengths.length - 1
  return Array.from({ length }, (_, i) =>
    last ? entry([...index, i]) : tensor(lengths, entry, [...index, i]),
  )
}

export function entryOf(of: Tensor, index: readonly number[]): number {
  let at: unknown = of
  for (const i of index) at = (at as unknown[])[i]
  return at as number
}

/** All entries, row-major. */
export const flat = (of: Tensor): number[] =>
  of.flatMap((entry) => (typeof entry === 'number' ? [entry] : flat(entry)))

export function axesOf(of: Tensor): number[] {
  const [first] = of
  return [of.length, ...(typeof first === 'object' ? axesOf(first) : [])]
}

/** Every index of an array of these axes. */
export const indices = (lengths: readonly number[]): number[][] =>
  lengths.reduce<number[][]>(
    (all, length) => all.flatMap((index) => Array.from({ length }, (_, i) => [...index, i])),
    [[]],
  )

/** Counts with something in each column over the first axis. */
function columns(lengths: readonly number[], zeros: number, random: () => number): Tensor {
  const kept = new Map<string, number>()
  return tensor(lengths, ([row, ...column]) => {
    const name = column.join()
    const sure = kept.get(name) ?? Math.floor(random() * lengths[0])
    kept.set(name, sure)
    return row !== sure && random() < zeros ? 0 : 0.1 + 3 * random()
  })
}

/** Each column over the first axis divided by its sum. */
export function normalised(counts: Tensor): Tensor {
  const lengths = axesOf(counts)
  return tensor(lengths, ([row, ...column]) => {
    const total = counts.reduce<number>((sum, _, i) => sum + entryOf(counts, [i, ...column]), 0)
    return entryOf(counts, [row, ...column]) / total
  })
}
