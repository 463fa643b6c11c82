// Jobs of agent steps on BullMQ: put on the queue by producers, taken off by workers. Nobody else touches bullmq.
export { startConsumer, type ConsumerOptions, type StepConsumer } from './consume.js'
export { openQueue, type JobState, type QueueOptions, type StepQueue } from './enqueue.js'
export type { Failure } from './failure.js'
export { decodeJob, decodeObservations, encodeObservations } from './job.js'
export type { QueueLog } from './log.js'
export { jobKey, type Recovery } from './queues.js'
