// What a batch tells while it goes on: server-sent events, one for each job that ended and one at the end.
import { Type, type Static } from 'typebox'
import { AgentError, Batch, StepResults } from './step.js'

const JobEnded = Type.Object(
  {
    type: Type.Literal('results'),
    job: Type.Integer({ minimum: 0, description: 'Which of the batch’s jobs: the same at each reading' }),
    of: Type.Integer({ minimum: 1, description: 'Jobs of the batch' }),
    results: StepResults,
    errors: Type.Array(AgentError, { description: 'Agents of this job that did not step' }),
  },
  { description: 'A part of the batch’s results and errors: those of the agents in one job' },
)

const BatchEnded = Type.Object(
  {
    type: Type.Literal('end'),
    batchId: Batch.properties.batchId,
    status: Batch.properties.status,
    timings: Batch.properties.timings,
  },
  {
    description: 'The last event. Status `expired`: the time of some results was over before they were sent',
  },
)

/** What a batch tells. `type` is also the name of the event. */
export const BatchEvent = Type.Union([JobEnded, BatchEnded])
export type BatchEvent = Static<typeof BatchEvent>

const StreamCut = Type.Object(
  {
    type: Type.Literal('cut'),
    code: Type.Literal('reader_too_slow'),
    detail: Type.String(),
  },
  {
    description:
      'The stream ends here, before the batch’s end: its reader was too slow. It may come in the middle of another ' +
      'event, which is then void: lines of data before the last one are what was sent of that',
  },
)

/** What a stream of them may tell. */
export const StreamEvent = Type.Union([JobEnded, BatchEnded, StreamCut])
export type StreamEvent = Static<typeof StreamEvent>
