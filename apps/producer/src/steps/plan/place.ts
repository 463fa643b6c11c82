// leg: gather. Where each batch's steps lie in the planned jobs: its record, by which any producer answers.
import type { BatchRecord } from '@cohort/store'
import { mustHold } from '../../must-hold.js'
import type { AdmittedSteps } from '../admit.js'
import type { PlannedJob } from './plan-jobs.js'

/** A planned job with its id. */
export interface NamedPlan {
  readonly id: string
  readonly plan: PlannedJob
}

/** A record for each of `pending`, in its order. `added`: when the jobs are put on the queue. */
export function placeBatches(
  pending: readonly AdmittedSteps[],
  plans: readonly NamedPlan[],
  added: number,
): BatchRecord[] {
  const jobs = new Map<AdmittedSteps, BatchRecord['jobs'][number][]>(pending.map((steps) => [steps, []]))
  for (const { id, plan } of plans) {
    for (const [steps, runs] of plan.runs) jobs.get(steps)?.push({ jobId: id, ...expanded(runs, steps) })
  }
  return pending.map((steps) => {
    const placed = jobs.get(steps) ?? []
    const rows = placed.reduce((sum, job) => sum + job.rows.length, 0)
    mustHold(rows === steps.agents.length, 'each step of a batch is in one job')
    return {
      id: steps.batch,
      population: steps.population.id,
      return: steps.fields,
      agents: inRequest(steps),
      jobs: placed,
      marks: { arrived: steps.arrivedMs, admitted: steps.admittedMs, added },
    }
  })
}

function expanded(runs: readonly number[], { agents, order }: AdmittedSteps) {
  let total = 0
  for (let run = 0; run < runs.length; run += 3) total += runs[run + 2] ?? 0
  const rows = new Uint32Array(total)
  const positions = new Uint32Array(total)
  let at = 0
  for (let run = 0; run < runs.length; run += 3) {
    const [rank = 0, row = 0, count = 0] = runs.slice(run, run + 3)
    // Past the end `order` would read as the rank.
    mustHold(rank + count <= agents.length, 'a run lies in its batch')
    for (let i = 0; i < count; i += 1, at += 1) {
      rows[at] = row + i
      positions[at] = order?.[rank + i] ?? rank + i
    }
  }
  return { rows, positions }
}

function inRequest({ agents, order }: AdmittedSteps): Uint32Array {
  if (order === undefined) return agents
  mustHold(order.length === agents.length, 'each agent has a position in its request')
  const named = new Uint32Array(agents.length)
  for (const [rank, position] of order.entries()) named[position] = agents[rank] ?? 0
  return named
}
