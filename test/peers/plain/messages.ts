// Marginal message passing by gradient descent in plain loops, in any of the ways; each factor depends on itself alone.
import type { Beliefs } from './beliefs.js'
import { joint, pick } from './beliefs.js'
import type { Knowledge } from './knowledge.js'
import { dot, entry, type Nested, softmax, sum } from './tensor.js'
import type { Ways } from './ways.js'

export interface Window {
  readonly prior: Beliefs
  /** [time][modality], and the actions after each of them, those of the policy at the end. */
  readonly seen: readonly (readonly number[])[]
  readonly actions: readonly (readonly number[])[]
  readonly policyLen: number
}

/** [time][factor][state], and pymdp's F. */
export function passMessages(
  { knowledge, ways }: { readonly knowledge: Knowledge; readonly ways: Ways },
  window: Window,
  { num_iter, tau = 0.25 }: { readonly num_iter: number; readonly tau?: number },
): { q: number[][][]; F: number } {
  const times = window.seen.length + window.policyLen
  const q = Array.from({ length: times }, () => knowledge.states.map((n) => new Array<number>(n).fill(1 / n)))
  let F = 0
  for (let k = 0; k < num_iter; k++) {
    F = 0
    for (let t = 0; t < times; t++) {
      for (let f = 0; f < knowledge.states.length; f++)
        F += descend({ knowledge, ways, window, tau }, q, t, f)
    }
  }
  return { q, F }
}

interface Passing {
  readonly knowledge: Knowledge
  readonly ways: Ways
  readonly window: Window
  readonly tau: number
}

/** One factor at one time; returns what this adds to F. */
function descend({ knowledge, ways, window, tau }: Passing, q: number[][][], t: number, f: number): number {
  const late = t >= window.seen.length + window.policyLen - 2
  const factors = knowledge.states.length
  const own = q[t]?.[f] ?? []
  const seen = window.seen[t]
  const fromSeen = seen === undefined ? own.map(() => 0) : heard(knowledge, ways, { qs: q[t] ?? [], seen, f })
  const b = knowledge.B[f] ?? []
  const fromPast = (
    t === 0 ? (window.prior[f] ?? []) : moved(b, window.actions[t - 1]?.[f] ?? 0, q[t - 1]?.[f] ?? [])
  ).map(ways.ln)
  const fromFuture = late
    ? own.map(() => 0)
    : back(b, window.actions[t]?.[f] ?? 0, q[t + 1]?.[f] ?? []).map((x) => ways.future * ways.ln(x))
  const c = late ? 1 : 2
  const log = own.map(ways.ln)
  const error = own.map(
    (_, s) => c * (fromSeen[s] ?? 0) + (fromPast[s] ?? 0) + (fromFuture[s] ?? 0) - c * (log[s] ?? 0),
  )
  const edge = t === 0 || t === q.length - 1
  const share = edge ? 0 : (factors - 1) / factors
  const F =
    0.5 *
    dot(
      own,
      error.map((e, s) => e - share * (fromSeen[s] ?? 0)),
    )
  const mean = sum(error) / error.length
  q[t]?.splice(f, 1, softmax(log.map((l, s) => l + tau * ((error[s] ?? 0) - mean))))
  return F
}

/** ln of the likelihood expected under the other factors: of each modality, or of all modalities' product. */
function heard(
  { A, aParents, states }: Knowledge,
  { ln, likelihood }: Ways,
  { qs, seen, f }: { readonly qs: Beliefs; readonly seen: readonly number[]; readonly f: number },
): number[] {
  const of = (modalities: readonly number[]) => {
    const message = new Array<number>(states[f] ?? 0).fill(0)
    for (const { index, q } of joint(
      qs.with(
        f,
        (qs[f] ?? []).map(() => 1),
      ),
    )) {
      const each = modalities.map((m) =>
        entry(A[m] ?? [], [seen[m] ?? -1, ...pick(index, aParents[m] ?? [])]),
      )
      message[index[f] ?? 0] = (message[index[f] ?? 0] ?? 0) + q * each.reduce((all, p) => all * p, 1)
    }
    return message.map(ln)
  }
  const modalities = A.map((_, m) => m)
  const messages = likelihood === 'product' ? [of(modalities)] : modalities.map((m) => of([m]))
  return messages.reduce((all, message) => all.map((value, s) => value + (message[s] ?? 0)))
}

const moved = (b: Nested, action: number, q: readonly number[]): number[] =>
  q.map((_, next) => sum(q.map((p, s) => entry(b, [next, s, action]) * p)))

/** Each row of B over the previous states, as a distribution. */
function back(b: Nested, action: number, q: readonly number[]): number[] {
  const row = (next: number) => q.map((_, s) => entry(b, [next, s, action]) + 1e-16)
  return q.map((_, s) => sum(q.map((p, next) => (p * (row(next)[s] ?? 0)) / sum(row(next)))))
}
