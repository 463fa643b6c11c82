// Jobs of agent steps on BullMQ: put on the queue by producers, taken off by workers. Nobody else touches bullmq.
export type { BoardServer } from './board.js'
export { startConsumer, type ConsumerOptions, type FailedAttempt, type StepConsumer } from './consume.js'
export { openQueue, type JobState, type QueuedJob, type QueueOptions, type StepQueue } from './enqueue.js'
export type { Failure } from './failure.js'
export { decodeJob, decodeObservations, encodeObservations, type Observations } from './job.js'
export type { QueueLog } from './log.js'
export type { Pressure } from './pressure.js'
export { jobKey, type Recovery } from './queues.js'
