// pymdp's F of message passing without gradient descent, in plain loops: its two slips.
import { type Beliefs, joint, pick } from './beliefs.js'
import type { Came } from './check-run.js'
import type { Knowledge } from './knowledge.js'
import { dot, entry, sum } from './tensor.js'

/**
 * Σ_t Σ_f q · (ln q − prior) − Σ ln(Σ_m A[m][o_t]) Π q. `all`: the sum under the ln is over all modalities,
 * as in pymdp; `alike`: over those that depend on the same factors, each such sum with its ln.
 */
export const settledF = (
  knowledge: Knowledge,
  { prior, qs }: Came,
  seen: readonly (readonly number[])[],
  over: 'all' | 'alike',
): number[] =>
  (qs as Beliefs[][]).map((times) => {
    const complexity = times.map((now) =>
      sum(
        now.map((q, f) =>
          dot(
            q,
            q.map((p, s) => Math.log(p + 1e-16) - (prior[f]?.[s] ?? 0)),
          ),
        ),
      ),
    )
    const groups = over === 'all' ? [knowledge.A.map((_, m) => m)] : groupsOf(knowledge)
    const accuracy = seen.map((outcomes, t) =>
      sum(groups.map((group) => slipped(knowledge, times[t] ?? [], outcomes, group))),
    )
    return sum(complexity) - sum(accuracy)
  })

const groupsOf = ({ aParents }: Knowledge): number[][] =>
  [...new Set(aParents.map(String))].map((parents) =>
    aParents.flatMap((own, m) => (String(own) === parents ? [m] : [])),
  )

const slipped = (
  { A, aParents }: Knowledge,
  qs: Beliefs,
  seen: readonly number[],
  group: readonly number[],
): number =>
  sum(
    joint(qs).map(({ index, q }) => {
      const each = group.map((m) => entry(A[m] ?? [], [seen[m] ?? -1, ...pick(index, aParents[m] ?? [])]))
      return q * Math.log(sum(each) + 1e-16)
    }),
  )
