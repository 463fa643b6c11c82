// leg: admit. Which agents a request names, in ascending order, and the way back to its own order.
import { CohortError, MOST_FAULTS, type Fault, type StepRequest } from '@cohort/contracts'

export interface ChosenAgents {
  /** Ascending, each once. */
  readonly agents: Uint32Array
  /**
   * order[rank]: the position in the request of the agent with this rank; undefined where they are the same.
   */
  readonly order: Uint32Array | undefined
}

/** How many agents a request names in a population of `count`: known before anything is allocated. */
export function agentsNamed(named: StepRequest['agents'], count: number): number {
  if (named === undefined) return count
  return Array.isArray(named) ? named.length : named.count
}

/** Throws `agent_out_of_range` or `agent_twice`, with the path of each entry. */
export function chooseAgents(named: StepRequest['agents'], count: number): ChosenAgents {
  if (named === undefined) return { agents: range(0, count), order: undefined }
  if (Array.isArray(named)) return chosenList(named, count)
  if (named.from + named.count > count) {
    throw outOfRange([
      { path: 'agents', message: 'the range passes the end', got: named, expected: upTo(count) },
    ])
  }
  return { agents: range(named.from, named.count), order: undefined }
}

/** The positions of the agents in ascending order; undefined where they ascend as they are. */
function orderOf(inRequest: Uint32Array): Uint32Array | undefined {
  if (ascends(inRequest)) return undefined
  const count = inRequest.length
  // Agent and position in one number: a typed array sorts those without a comparator. Loops, because `from`
  // with a function takes eight times as long.
  const keys = new Float64Array(count)
  for (let position = 0; position < count; position += 1)
    keys[position] = (inRequest[position] ?? 0) * count + position
  keys.sort()
  const order = new Uint32Array(count)
  for (let rank = 0; rank < count; rank += 1) order[rank] = (keys[rank] ?? 0) % count
  return order
}

const range = (from: number, count: number): Uint32Array => new Uint32Array(count).map((_, i) => from + i)

function chosenList(named: readonly number[], count: number): ChosenAgents {
  const faults: Fault[] = []
  for (const [i, agent] of named.entries()) {
    if (agent < count) continue
    faults.push({ path: `agents[${i}]`, message: 'is out of range', got: agent, expected: upTo(count) })
    if (faults.length === MOST_FAULTS) break
  }
  if (faults.length > 0) throw outOfRange(faults)
  const inRequest = Uint32Array.from(named)
  const order = orderOf(inRequest)
  const agents = order === undefined ? inRequest : order.map((position) => inRequest[position] ?? 0)
  refuseTwice(agents, order)
  return { agents, order }
}

function ascends(agents: Uint32Array): boolean {
  for (let i = 1; i < agents.length; i += 1) if ((agents[i - 1] ?? 0) > (agents[i] ?? 0)) return false
  return true
}

/** Equal agents are neighbours after sorting, the earlier position first. */
function refuseTwice(agents: Uint32Array, order: Uint32Array | undefined): void {
  const faults: Fault[] = []
  for (let rank = 1; rank < agents.length && faults.length < MOST_FAULTS; rank += 1) {
    if (agents[rank] !== agents[rank - 1]) continue
    const [first, second] = order === undefined ? [rank - 1, rank] : [order[rank - 1], order[rank]]
    const message = `is the same agent as agents[${first}]`
    faults.push({
      path: `agents[${second}]`,
      message,
      got: agents[rank],
      expected: 'each agent at most once',
    })
  }
  if (faults.length > 0)
    throw new CohortError('agent_twice', `${faults[0]?.path} ${faults[0]?.message}`, { errors: faults })
}

const upTo = (count: number): string => `0 to ${count - 1}`

const outOfRange = (errors: readonly Fault[]): CohortError =>
  new CohortError('agent_out_of_range', `${errors[0]?.path}: ${errors[0]?.message}`, { errors })
