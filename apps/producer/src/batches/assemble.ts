// leg: notify. The answers of a batch's jobs → its results, in the order of the request, and its errors.
import {
  type AgentError,
  type BatchStatus,
  type JobResult,
  type ResultColumns,
  type ReturnField,
  type StepResults,
  TERMS,
} from '@cohort/contracts'
import type { BatchJob, BatchRecord } from '@cohort/store'
import { mustHold } from '../must-hold.js'
import { notedAgents } from './notes.js'

export type Placed = Pick<BatchRecord, 'agents' | 'return' | 'jobs'>

export interface Assembled {
  readonly status: Extract<BatchStatus, 'completed' | 'partial' | 'failed'>
  readonly results: StepResults
  readonly errors: readonly AgentError[]
}

interface Failure {
  readonly code: string
  readonly detail: string
}

/**
 * `answers[j]` is that of `batch.jobs[j]`. Steps that failed are in `errors`, in the order of the request,
 * and nowhere else.
 */
export function assembleBatch(batch: Placed, answers: readonly JobResult[]): Assembled {
  const like = answers.find((answer) => answer.ok)?.columns ?? {}
  const columns = flat(like, batch.return).map(() => new Array<unknown>(batch.agents.length).fill(0))
  const failures = new Map<number, Failure>()
  for (const [at, job] of batch.jobs.entries()) {
    const answer = answers[at]
    mustHold(answer !== undefined, 'each job of a batch has an answer')
    // Once a job: the loops below would read an entry that is missing as agent 0.
    mustHold(job.rows.length === job.positions.length, 'each row of a job has a position in its batch')
    if (answer.ok) copyRows(flat(answer.columns, batch.return), columns, job)
    noteFailures(failures, answer, job)
  }
  const stepped = <T>(column: T[]): T[] =>
    failures.size === 0 ? column : column.filter((_, i) => !failures.has(i))
  const agents = stepped(Array.from(batch.agents))
  return {
    status: failures.size === 0 ? 'completed' : agents.length > 0 ? 'partial' : 'failed',
    results: {
      agents,
      ...nested(columns.map(stepped), like, batch.return),
      ...notedAgents(batch, answers),
    },
    errors: [...failures]
      .sort(([one], [other]) => one - other)
      .map(([position, failure]) => ({ agent: batch.agents[position] ?? 0, ...failure })),
  }
}

/** What one job of a batch answers, as a batch of its own: its agents in the order of the request. */
export function partOf(batch: Placed, at: number): Placed {
  const job = batch.jobs[at]
  mustHold(job !== undefined, 'a part is that of a job of the batch')
  const { jobId, rows, positions } = job
  mustHold(rows.length === positions.length, 'each row of a job has a position in its batch')
  const order = Uint32Array.from(positions, (_, i) => i).sort(
    (i, j) => (positions[i] ?? 0) - (positions[j] ?? 0),
  )
  return {
    return: batch.return,
    agents: order.map((i) => batch.agents[positions[i] ?? 0] ?? 0),
    jobs: [{ jobId, rows: order.map((i) => rows[i] ?? 0), positions: order.map((_, rank) => rank) }],
  }
}

/** Fields that hold a column for each factor or control; `terms` holds one for each term, the others are one column. */
const BY_PART: ReadonlySet<ReturnField> = new Set(['action', 'beliefs', 'margin'])

/** All columns of an answer, one after the other, in the order of the fields. */
const flat = (columns: ResultColumns, fields: readonly ReturnField[]): (readonly unknown[])[] =>
  fields.flatMap((field) => {
    if (field === 'terms') return termColumns(columns)
    const column = columns[field]
    if (column === undefined) return []
    return BY_PART.has(field) ? (column as readonly (readonly unknown[])[]) : [column]
  })

const termColumns = ({ terms }: ResultColumns) =>
  terms === undefined ? [] : TERMS.map((term) => terms[term])

/** The way back; `like` says how many columns a field has. */
function nested(
  columns: readonly unknown[][],
  like: ResultColumns,
  fields: readonly ReturnField[],
): Omit<StepResults, 'agents'> {
  const left = [...columns]
  const results = fields.map((field) => {
    if (field === 'terms') return [field, Object.fromEntries(TERMS.map((term) => [term, termOf(left, like)]))]
    if (like[field] === undefined) return [field, []]
    return [field, BY_PART.has(field) ? left.splice(0, like[field].length) : left.shift()]
  })
  return Object.fromEntries(results) as Omit<StepResults, 'agents'>
}

const termOf = (left: unknown[][], { terms }: ResultColumns) => (terms === undefined ? [] : left.shift())

/** hot: a number or an array per step and column, no object. */
function copyRows(
  from: readonly (readonly unknown[])[],
  to: readonly unknown[][],
  { rows, positions }: BatchJob,
): void {
  mustHold(from.length === to.length, 'the answers of a batch have the same columns')
  for (const [at, source] of from.entries()) {
    const target = to[at] ?? []
    for (let i = 0; i < rows.length; i += 1) target[positions[i] ?? 0] = source[rows[i] ?? 0]
  }
}

function noteFailures(
  failures: Map<number, Failure>,
  answer: JobResult,
  { rows, positions }: BatchJob,
): void {
  if (!answer.ok) {
    const failure = { code: answer.code, detail: answer.detail }
    for (let i = 0; i < positions.length; i += 1) failures.set(positions[i] ?? 0, failure)
    return
  }
  if (answer.errors.length === 0) return
  const failed = failedRows(answer)
  for (let i = 0; i < rows.length; i += 1) {
    const failure = failed.get(rows[i] ?? 0)
    if (failure !== undefined) failures.set(positions[i] ?? 0, failure)
  }
}

type Answered = Extract<JobResult, { ok: true }>

/** By row, made once: a job may answer thousands of batches. */
const failedOf = new WeakMap<Answered, ReadonlyMap<number, Failure>>()

function failedRows(answer: Answered): ReadonlyMap<number, Failure> {
  const known = failedOf.get(answer)
  if (known !== undefined) return known
  const failed = new Map(answer.errors.map(({ row, code, detail }) => [row, { code, detail }]))
  failedOf.set(answer, failed)
  return failed
}
