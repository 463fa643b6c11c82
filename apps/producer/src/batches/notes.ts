// leg: notify. Which agents of a batch have notes on their steps, by the rows of its answers. Used by assemble.ts
import { type JobResult, STEP_NOTES, type StepNote, type StepResults } from '@cohort/contracts'
import type { BatchJob, BatchRecord } from '@cohort/store'

/** A note that no agent has is left out. Agents are in the order of the request. */
export function notedAgents(
  { agents, jobs }: Pick<BatchRecord, 'agents' | 'jobs'>,
  answers: readonly JobResult[],
): Pick<StepResults, StepNote> {
  const noted: Pick<StepResults, StepNote> = {}
  for (const note of STEP_NOTES) {
    const isNoted = new Uint8Array(answers.some((answer) => rowsWith(answer, note)) ? agents.length : 0)
    for (const [at, job] of jobs.entries()) markPositions(isNoted, job, rowsWith(answers[at], note))
    const found = Array.from(agents).filter((_, position) => isNoted[position] === 1)
    if (found.length > 0) noted[note] = found
  }
  return noted
}

const rowsWith = (answer: JobResult | undefined, note: StepNote): readonly number[] | undefined =>
  answer?.ok === true ? answer.notes?.[note] : undefined

function markPositions(
  isNoted: Uint8Array,
  { rows, positions }: BatchJob,
  noted: readonly number[] | undefined,
): void {
  if (noted === undefined) return
  const isRow = new Set(noted)
  for (let i = 0; i < rows.length; i += 1) if (isRow.has(rows[i] ?? -1)) isNoted[positions[i] ?? 0] = 1
}
