// Prediction and mean-field inference in plain loops, in any of the ways.
import type { Knowledge } from './knowledge.js'
import { dot, entry, indices, lengthOf, type Nested, softmax, sum } from './tensor.js'
import type { Ways } from './ways.js'

/** [factor][state] */
export type Beliefs = readonly (readonly number[])[]

const lengthsOf = (qs: Beliefs): number[] => qs.map(({ length }) => length)
const product = (qs: Beliefs, index: readonly number[]): number =>
  index.reduce((all, i, f) => all * (qs[f]?.[i] ?? Number.NaN), 1)

/** Each joint state of these factors with its probability. */
export const joint = (qs: Beliefs): { index: number[]; q: number }[] =>
  indices(lengthsOf(qs)).map((index) => ({ index, q: product(qs, index) }))

export const pick = <Item>(items: readonly Item[], of: readonly number[]): Item[] =>
  of.map((i) => items[i] as Item)

/** q(s′) = Σ B[s′, s…, a] Π q(s). */
export function predict(
  { B, bParents, bControls }: Knowledge,
  qs: Beliefs,
  action: readonly number[],
): number[][] {
  return B.map((b, f) => {
    const parents = joint(pick(qs, bParents[f] ?? []))
    const done = pick(action, bControls[f] ?? [])
    return Array.from({ length: lengthOf(b) }, (_, next) =>
      sum(parents.map(({ index, q }) => entry(b, [next, ...index, ...done]) * q)),
    )
  })
}

export interface Sweeps {
  readonly num_iter: number
  readonly dF?: number
  readonly dF_tol?: number
  readonly compute_vfe?: boolean
}

/** Sweeps from uniform beliefs, all factors at once. */
export function inferStates(
  { knowledge, ways }: { readonly knowledge: Knowledge; readonly ways: Ways },
  prior: Beliefs,
  seen: readonly number[],
  { num_iter, dF = 1, dF_tol = 0.001, compute_vfe = true }: Sweeps,
): { qs: number[][]; sweeps: number } {
  const all = indices(lengthsOf(prior)).map((index) => ({
    index,
    L: logLikelihood(knowledge, ways, seen, index),
  }))
  const logPrior = prior.map((p) => p.map(ways.ln))
  let qs = prior.map(({ length }) => new Array<number>(length).fill(1 / length))
  if (qs.length === 1) return { qs: [softmax(all.map(({ L }, s) => L + (logPrior[0]?.[s] ?? 0)))], sweeps: 1 }
  let [change, before, sweeps] = [dF, complexity(qs, logPrior, ways), 0]
  while (sweeps < num_iter && !(compute_vfe && change < dF_tol)) {
    const old = qs
    qs = old.map((own, f) => {
      const message = own.map(() => 0)
      for (const { index, L } of all) {
        const others = product(
          old.with(
            f,
            own.map(() => 1),
          ),
          index,
        )
        message[index[f] ?? 0] = (message[index[f] ?? 0] ?? 0) + L * others
      }
      return softmax(message.map((value, s) => value + (logPrior[f]?.[s] ?? 0)))
    })
    const now = complexity(qs, logPrior, ways) - sum(all.map(({ index, L }) => L * product(qs, index)))
    change = Math.abs(before - now)
    before = now
    sweeps++
  }
  return { qs, sweeps }
}

const complexity = (qs: Beliefs, logPrior: Beliefs, { ln }: Ways): number =>
  sum(qs.map((q, f) => dot(q, q.map(ln)) - dot(q, logPrior[f] ?? [])))

function logLikelihood(
  { A, aParents }: Knowledge,
  { ln, likelihood }: Ways,
  seen: readonly number[],
  index: number[],
) {
  const each = A.map((a: Nested, m) => entry(a, [seen[m] ?? -1, ...pick(index, aParents[m] ?? [])]))
  return likelihood === 'product' ? ln(each.reduce((all, p) => all * p, 1)) : sum(each.map(ln))
}
