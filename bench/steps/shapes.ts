// The models that kernels are measured on, of fixed seeds: all contenders, on all machines, get the same.
import { CohortError, type Model } from '@cohort/contracts'
import { type Draw, drawPair, gridModel } from '@cohort/worlds'

export interface Shape {
  readonly name: string
  readonly about: string
  readonly model: () => Model
}

/** Matrices as a model has them: [outcome][state…], [next state][state][action]. */
type Tensor = readonly (number | Tensor)[]

const grid = (size: number, right: { seenRight: number; movesRight: number }, options = {}): Model => ({
  ...gridModel({ grid: { size, ...right }, goal: size ** 2 - 1 }),
  options,
})

const NOISY = { seenRight: 0.7, movesRight: 0.9 }
const SURE = { seenRight: 1, movesRight: 1 }

export const SHAPES: readonly Shape[] = [
  {
    name: 'grid5-det',
    about: '25 states, 25 outcomes, 5 actions; what is seen and what is done is certain',
    model: () => grid(5, SURE),
  },
  {
    name: 'grid5-noisy',
    about: 'the same; 0.7 seen right and 0.9 moved right, the rest spread evenly',
    model: () => grid(5, NOISY),
  },
  {
    name: 'grid5-noisy-2',
    about: 'the same, 25 policies of 2 steps',
    model: () => grid(5, NOISY, { policyLen: 2 }),
  },
  {
    name: 'grid5-noisy-3',
    about: 'the same, 125 policies of 3 steps',
    model: () => grid(5, NOISY, { policyLen: 3 }),
  },
  {
    name: 'grid5-noisy-4',
    about: 'the same, 625 policies of 4 steps',
    model: () => grid(5, NOISY, { policyLen: 4 }),
  },
  {
    name: 'dense25',
    about: '25 states, 25 outcomes, 5 actions; no structure to exploit',
    model: () => dense(25),
  },
  { name: 'grid10-noisy', about: '100 states, 100 outcomes, 5 actions', model: () => grid(10, NOISY) },
  {
    name: 'explorer5',
    about: '25 states, 5 outcomes, 5 actions: the seed’s explorer as its benchmark has it, 5×5',
    model: () => explorer({ policyLen: 1, gamma: 8 }, 5),
  },
  {
    name: 'explorer-1',
    about: '100 states, 5 outcomes, 5 actions: the seed’s explorer with an A that tells places apart',
    model: () => explorer({ policyLen: 1, gamma: 8 }),
  },
  {
    name: 'explorer-2',
    about: 'the same, 25 policies of 2 steps',
    model: () => explorer({ policyLen: 2, gamma: 12 }),
  },
  {
    name: 'explorer-3',
    about: 'the same, 125 policies of 3 steps',
    model: () => explorer({ policyLen: 3, gamma: 16 }),
  },
  {
    name: 'tmaze-2',
    about: '2 factors of 4 and 2 states, 3 modalities, 16 policies of 2 steps',
    model: () => tmaze(2),
  },
  { name: 'tmaze-3', about: 'the same, 64 policies of 3 steps', model: () => tmaze(3) },
  {
    name: 'factors3',
    about: '3 factors of 4, 3 and 3 states, 3 modalities that hang on all of them, 12 policies',
    model: () => factors3(),
  },
]

/** Throws where there is none of that name. */
export function shapeOf(name: string): Shape {
  const shape = SHAPES.find((one) => one.name === name)
  if (shape === undefined) throw new CohortError('internal', `there is no shape ${name}`)
  return shape
}

/** One fixed set of draws per purpose, each a number in [0, 1). */
function numbers(purpose: number): () => number {
  const draw: Draw = { seed: 41, tick: 0, purpose }
  const pair = new Float64Array(2)
  let at = 0
  return () => {
    drawPair(draw, at++, pair)
    return pair[0]
  }
}

/** Columns along the first axis that sum to 1, of a tensor of any shape. */
function columns([rows, ...others]: readonly number[], next: () => number): Tensor {
  const fill = (sizes: readonly number[]): Tensor[] => {
    const [size, ...inner] = sizes
    if (size !== undefined) return swap(Array.from({ length: size }, () => fill(inner)))
    const weights = Array.from({ length: rows }, () => 0.05 + next())
    const sum = weights.reduce((a, b) => a + b)
    return weights.map((weight) => weight / sum) as unknown as Tensor[]
  }
  return fill(others)
}

/** [i][row] → [row][i]. */
function swap(lists: readonly Tensor[][]): Tensor[] {
  return Array.from({ length: lists[0].length }, (_, row) => lists.map((list) => list[row]))
}

function dense(states: number): Model {
  const next = numbers(1)
  return {
    A: [columns([states, states], next)],
    B: [columns([states, states, 5], next)],
    C: [Array.from({ length: states }, () => 2 * next())],
  } as Model
}

/** A grid with walls around it: five kinds of cells, each seen right with 0.8; a move works with 0.9. */
function explorer(options: NonNullable<Model['options']>, size = 10): Model {
  const next = numbers(2)
  const kinds = Array.from({ length: size ** 2 }, (_, cell) => {
    const [x, y] = [cell % size, Math.floor(cell / size)]
    return x % (size - 1) === 0 || y % (size - 1) === 0 ? 4 : Math.floor(next() ** 2 * 4)
  })
  const moves = grid(size, SURE).B as unknown as number[][][][]
  return {
    A: [[0, 1, 2, 3, 4].map((seen) => kinds.map((kind) => (kind === seen ? 0.8 : 0.05)))],
    B: [
      moves[0].map((from, to) =>
        from.map((actions, cell) => actions.map((p) => 0.9 * p + (to === cell ? 0.1 : 0))),
      ),
    ],
    C: [[0, 1, 2, 3, -1]],
    D: [Array.from({ length: size ** 2 }, () => 1 / size ** 2)],
    options,
  }
}

/** Centre, two arms and a cue that tells which holds the reward. All sweeps run, as pymdp's JAX code does them. */
function tmaze(policyLen: number): Model {
  const places = [0, 1, 2, 3]
  const sides = [0, 1]
  const wins = (place: number, side: number): number => (place === 1 + side ? 0.98 : 0.02)
  const inArm = (place: number): boolean => place === 1 || place === 2
  return {
    A: [
      places.map((seen) => places.map((place) => sides.map(() => Number(seen === place)))),
      [0, 1, 2].map((seen) =>
        places.map((place) =>
          sides.map((side) => {
            if (!inArm(place)) return Number(seen === 0)
            return seen === 0 ? 0 : seen === 1 ? wins(place, side) : 1 - wins(place, side)
          }),
        ),
      ),
      sides.map((seen) =>
        places.map((place) => sides.map((side) => (place === 3 ? Number(seen === side) : 0.5))),
      ),
    ],
    B: [
      places.map((to) => places.map(() => places.map((action) => Number(to === action)))),
      sides.map((to) => sides.map((side) => [Number(to === side)])),
    ],
    C: [
      [0, 0, 0, 0],
      [0, 2, -3],
      [0, 0],
    ],
    D: [
      [1, 0, 0, 0],
      [0.5, 0.5],
    ],
    options: { policyLen, computeVfe: false, numIter: 16 },
  }
}

function factors3(): Model {
  const next = numbers(3)
  const [numStates, numObs, numControls] = [
    [4, 3, 3],
    [4, 3, 3],
    [3, 2, 2],
  ]
  return {
    A: numObs.map((outcomes) => columns([outcomes, ...numStates], next)),
    B: numStates.map((states, f) => columns([states, states, numControls[f]], next)),
    C: numObs.map((outcomes) => Array.from({ length: outcomes }, () => 2 * next())),
    options: { computeVfe: false, numIter: 16 },
  } as Model
}
