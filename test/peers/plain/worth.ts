// The terms of G in plain loops, in any of the ways.
import type { Beliefs } from './beliefs.js'
import { joint, pick } from './beliefs.js'
import type { Knowledge } from './knowledge.js'
import { dot, entry, indices, lengthOf, mapped, type Nested, softmax, sum } from './tensor.js'
import type { Ways } from './ways.js'

export interface Terms {
  readonly utility: number
  readonly states_info_gain: number
  readonly pA_info_gain: number
  readonly pB_info_gain: number
}

interface Predicted {
  /** Beliefs about each time, the present one first. */
  readonly path: readonly Beliefs[]
  readonly actions: readonly (readonly number[])[]
  /** The first time of `path` that G is of. */
  readonly from: number
}

export function worth(knowledge: Knowledge, ways: Ways, { path, actions, from }: Predicted): Terms {
  const times = path.slice(from)
  return {
    utility: sum(times.map((qs, t) => utility(knowledge, ways, qs, t))),
    states_info_gain: sum(times.map((qs) => gainAboutStates(knowledge, ways, qs))),
    pA_info_gain: sum(times.map((qs) => gainAboutA(knowledge, ways, qs))),
    pB_info_gain: sum(
      path
        .slice(1)
        .map((qs, t) =>
          gainAboutB(knowledge, ways, { before: path[t] ?? [], after: qs, action: actions[t] ?? [] }),
        ),
    ),
  }
}

const outcomes = (a: Nested, states: { index: number[]; q: number }[]): number[] =>
  Array.from({ length: lengthOf(a) }, (_, o) =>
    sum(states.map(({ index, q }) => entry(a, [o, ...index]) * q)),
  )

function utility({ A, C, aParents }: Knowledge, { ln, preferences }: Ways, qs: Beliefs, t: number): number {
  const each = A.map((a, m) => {
    const own = C[m] as readonly Nested[]
    const now = own.map((c) => (typeof c === 'number' ? c : entry(c, [t])))
    const liked = preferences === 'raw' ? now : softmax(now).map(ln)
    return dot(outcomes(a, joint(pick(qs, aParents[m] ?? []))), liked)
  })
  return sum(each)
}

/** Σ q Σ_o p ln p − Σ_o q(o) ln q(o), p and o of one modality, or of all together. */
function gainAboutStates({ A, aParents }: Knowledge, ways: Ways, qs: Beliefs): number {
  const gain = (columnOf: (index: number[]) => number[], parents: Beliefs) => {
    const kept = joint(parents).filter(({ q }) => q > ways.leftOut)
    const columns = kept.map(({ index, q }) => ({ column: columnOf(index), q }))
    const qo = (columns[0]?.column ?? []).map((_, o) =>
      sum(columns.map(({ column, q }) => q * (column[o] ?? 0))),
    )
    return sum(columns.map(({ column, q }) => q * xlny(column, ways.lnA))) - xlny(qo, ways.lnOutcome)
  }
  const column = (a: Nested, index: number[]) =>
    Array.from({ length: lengthOf(a) }, (_, o) => entry(a, [o, ...index]))
  if (ways.gain === 'modalities')
    return sum(A.map((a, m) => gain((index) => column(a, index), pick(qs, aParents[m] ?? []))))
  const together = indices(A.map(lengthOf))
  return gain(
    (index) => together.map((o) => A.reduce<number>((all, a, m) => all * entry(a, [o[m] ?? 0, ...index]), 1)),
    qs,
  )
}

const xlny = (p: readonly number[], ln: (x: number) => number): number =>
  sum(p.map((value) => (value === 0 ? 0 : value * ln(value))))

function gainAboutA({ A, aParents, pA }: Knowledge, ways: Ways, qs: Beliefs): number {
  if (pA === null) return 0
  const each = pA.map((counts, m) => {
    const states = joint(pick(qs, aParents[m] ?? []))
    return dot(outcomes(A[m] ?? [], states), outcomes(weights(counts, ways), states))
  })
  return -sum(each)
}

interface Moved {
  readonly before: Beliefs
  readonly after: Beliefs
  readonly action: readonly number[]
}

function gainAboutB(
  { bControls, bParents, pB }: Knowledge,
  ways: Ways,
  { before, after, action }: Moved,
): number {
  if (pB === null) return 0
  const each = pB.map((counts, f) => {
    const done = pick(action, bControls[f] ?? [])
    const states = joint(pick(before, bParents[f] ?? [])).map(({ index, q }) => ({
      index: [...index, ...done],
      q,
    }))
    return dot(after[f] ?? [], outcomes(weights(counts, ways), states))
  })
  return -sum(each)
}

/** Of each count in its column over the first axis; 0 where it is 0. */
function weights(counts: Nested, { weight }: Ways): Nested {
  const size = lengthOf(counts)
  return mapped(counts, (p, [, ...column]) => {
    if (p === 0) return 0
    return weight(p, sum(Array.from({ length: size }, (_, i) => entry(counts, [i, ...column]))), size)
  })
}
