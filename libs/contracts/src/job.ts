// What travels on the queue, and what a worker answers. Written at leg gather, read at take, answered at commit.
import { Type, type Static } from 'typebox'
import { BatchId, ModelId, PopulationId } from './ids.js'
import { BLOCK_AGENTS, JOB_PARTS, JOB_STEPS, MOST_MODALITIES } from './limits.js'
import { RETURN_FIELDS, type Term } from './step.js'

export const JOB_VERSION = 1
export const RESULT_VERSION = 1

/** A whole block, or, with `index`, some of its rows (ascending, each once). */
export const JobPart = Type.Object(
  {
    population: PopulationId,
    generation: Type.String({
      pattern: '^[0-9a-f]{16}$',
      description: 'The creation of the population that the step was meant for',
    }),
    block: Type.Integer({ minimum: 0 }),
    rows: Type.Integer({ minimum: 1, maximum: BLOCK_AGENTS, description: 'Steps in this part' }),
    index: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: BLOCK_AGENTS - 1 }), {
        minItems: 1,
        maxItems: BLOCK_AGENTS,
      }),
    ),
  },
  { additionalProperties: false },
)
export type JobPart = Static<typeof JobPart>

/** What a job holds where nothing was seen, and where a distribution was. */
export const NOT_SEEN = -1
export const SEEN_SOFTLY = -2

const base64 = { pattern: '^[A-Za-z0-9+/]*={0,2}$' }

/**
 * One modality's outcomes, row by row, `NOT_SEEN` or `SEEN_SOFTLY` where there is none: base64 of little-endian
 * integers.
 */
export const ObservationColumn = Type.Object(
  {
    type: Type.Enum(['i8', 'i16', 'i32']),
    data: Type.String(base64),
    soft: Type.Optional(
      Type.String({
        ...base64,
        description:
          'The distributions of the rows whose integer is −2, one after the other: little-endian f64',
      }),
    ),
  },
  { additionalProperties: false },
)
export type ObservationColumn = Static<typeof ObservationColumn>

/** A span of a trace that somebody records, as in the header `traceparent` of W3C Trace Context. */
export const TraceParent = Type.String({
  pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
  description: 'The span of the request, where its trace is sampled',
})

/** Which rows of the job belong to which batch. Rows are numbered through all parts in their order. */
export const JobOrigin = Type.Object(
  {
    batch: BatchId,
    from: Type.Integer({ minimum: 0 }),
    count: Type.Integer({ minimum: 1 }),
    t: Type.Optional(
      Type.Integer({ minimum: 0, description: 'The step number at which these rows must be' }),
    ),
    trace: Type.Optional(TraceParent),
  },
  { additionalProperties: false },
)
export type JobOrigin = Static<typeof JobOrigin>

export const Job = Type.Object(
  {
    v: Type.Literal(JOB_VERSION),
    model: ModelId,
    parts: Type.Array(JobPart, { minItems: 1, maxItems: JOB_PARTS }),
    count: Type.Integer({ minimum: 1, maximum: JOB_STEPS, description: 'Rows in all parts' }),
    obs: Type.Array(ObservationColumn, { minItems: 1, maxItems: MOST_MODALITIES }),
    return: Type.Array(Type.Enum([...RETURN_FIELDS]), {
      maxItems: RETURN_FIELDS.length,
      uniqueItems: true,
    }),
    origins: Type.Array(JobOrigin, { maxItems: JOB_STEPS }),
    channel: Type.String({ minLength: 1, maxLength: 128, description: 'Where the answer is published' }),
    addedMs: Type.Number({
      minimum: 0,
      description: 'When it was put on the queue, milliseconds since 1970',
    }),
  },
  { additionalProperties: false },
)
export type Job = Static<typeof Job>

/** A row that did not step: its state is as it was. */
export interface RowError {
  readonly row: number
  readonly code: string
  readonly detail: string
}

/** When each leg of the worker began, milliseconds since 1970, on the worker's clock. */
export interface WorkerMarks {
  readonly taken: number
  readonly load: number
  readonly dispatch: number
  readonly compute: number
  readonly commit: number
}

/** The columns that were asked for, a row a step in the job's order. A failed row: null; in `step`, `action` 0. */
export interface ResultColumns {
  readonly step?: readonly number[]
  readonly action?: readonly (readonly number[])[]
  readonly beliefs?: readonly (readonly (readonly number[])[])[]
  readonly qPi?: readonly (readonly number[])[]
  /** Null also where the agent followed a plan that it had. */
  readonly G?: readonly (readonly number[] | null)[]
  readonly vfe?: readonly number[]
  readonly iterations?: readonly number[]
  readonly margin?: readonly (readonly number[])[]
  /** Null as in `G`. */
  readonly terms?: Readonly<Record<Term, readonly (readonly number[] | null)[]>>
}

/** Notes on steps that were done. */
export const STEP_NOTES = ['impossible', 'planKept'] as const
export type StepNote = (typeof STEP_NOTES)[number]

/** Rows by their notes, ascending; a note that no row has is left out. */
export type ResultNotes = Readonly<Partial<Record<StepNote, readonly number[]>>>

/** A worker's answer to a job, JSON in Redis and on the answer channel. */
export type JobResult =
  | {
      readonly v: typeof RESULT_VERSION
      readonly jobId: string
      readonly ok: true
      readonly columns: ResultColumns
      readonly errors: readonly RowError[]
      /** Left out where there are none. */
      readonly notes?: ResultNotes
      readonly marks: WorkerMarks
    }
  | {
      readonly v: typeof RESULT_VERSION
      readonly jobId: string
      readonly ok: false
      readonly code: string
      readonly detail: string
    }

/** The answer to a job that failed as a whole. `code` is one of ERRORS. */
export const failedResult = (
  jobId: string,
  { code, detail }: { readonly code: string; readonly detail: string },
): Extract<JobResult, { ok: false }> => ({ v: RESULT_VERSION, jobId, ok: false, code, detail })
