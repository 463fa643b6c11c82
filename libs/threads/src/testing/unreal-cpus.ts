// For tests of claims: CPUs that no machine has, so that nobody else claims them; a claim does not ask for them.
import type { Topology } from '../machine/topology.js'

/** Other ones at each call, in each test file and in each run. */
let next = 1_000_000 + process.pid * 1000
export const numbers = (count: number): number[] => Array.from({ length: count }, () => next++)

export const onLinux = { skip: process.platform !== 'linux' }

/** A machine of them: [node][core][sibling]. */
export function topologyOf(nodes: readonly (readonly (readonly number[])[])[]): Topology {
  const cores = nodes.flatMap((of, node) => of.map((siblings) => ({ siblings, node })))
  const rows = cores.flatMap(({ siblings, node }) =>
    siblings.map((cpu, rank) => ({ rank, place: { cpu, siblings, node, capacity: 1024 } })),
  )
  const places = rows.toSorted((a, b) => a.rank - b.rank).map(({ place }) => place)
  return { places, cores: cores.length, nodes: [...nodes.keys()] }
}
