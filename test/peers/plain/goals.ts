// The inductive cost in plain loops: states from which a goal can be reached, and what leaving them costs.
import type { Beliefs } from './beliefs.js'
import type { Knowledge } from './knowledge.js'
import { dot, entry, indices, sum } from './tensor.js'

export interface Search {
  readonly ii_depth: number
  readonly ii_threshold: number
}

/** [factor][steps][state]: 1 where a goal can be reached within so many steps, by a factor that moves itself alone. */
const reachOf = ({ B, H, states }: Knowledge, { ii_depth, ii_threshold }: Search): number[][][] =>
  (H ?? []).map((goal, f) => {
    const n = states[f] ?? 0
    const b = B[f] as readonly (readonly (readonly number[])[])[]
    const leads = (from: number, to: number) => (b[to]?.[from] ?? []).some((p) => p > ii_threshold)
    const levels = [[...goal]]
    while (levels.length < ii_depth) {
      const last = levels.at(-1) ?? []
      levels.push(
        last.map((_, from) => (indices([n]).some(([to = 0]) => last[to] === 1 && leads(from, to)) ? 1 : 0)),
      )
    }
    return levels
  })

/** Of the predicted times of `path`, whose first is the present. */
export function inductiveCost(knowledge: Knowledge, search: Search, path: readonly Beliefs[]): number {
  const [now = [], ...ahead] = path
  const costs = reachOf(knowledge, search).map((levels, f) => {
    const here = now[f] ?? []
    const at = here.indexOf(Math.max(...here))
    const level = levels.findIndex((reached) => entry(reached, [at]) === 1)
    if (level === -1) return 0
    const aim = levels[Math.max(level - 1, 0)] ?? []
    return sum(
      ahead.map((qs) =>
        dot(
          qs[f] ?? [],
          aim.map((reached) => (1 - reached) * Math.log(1e-3)),
        ),
      ),
    )
  })
  return sum(costs)
}
