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

/** `type` is also the name of the event. */
export const BatchEvent = Type.Union([JobEnded, BatchEnded])
export type BatchEvent = Static<typeof BatchEvent>
