// Everything that is kept in Redis. `openStore` is the way in; the seam for agents' rows is blocks/seam.ts
export { openStore, type Store } from './store.js'
export { modelIdOf } from './models.js'
export {
  WORKER_BEAT_MS,
  type AliveWorker,
  type ThreadProgress,
  type WorkerInfo,
  type WorkerProgress,
} from './workers.js'
export type { PopulationRecord, PopulationSpec, PopulationState } from './population/record.js'
export type { CreatedPopulation } from './population/create.js'
export type { StepCounts } from './populations.js'
export type {
  BlockStore,
  CommitOutcome,
  CommitPart,
  CommitRequest,
  FoundPart,
  LoadedPart,
  LoadPart,
} from './blocks/seam.js'
export type { BatchJob, BatchMarks, BatchRecord, ClaimedRecord } from './batches.js'
export type { Claim, ClaimKey } from './claims.js'
export type { FailedJob, Subscription } from './answers.js'
export { connect, PRODUCER_ADDS, type Redis, untilReached } from './connect.js'
export { isRecentServer, requireFitServer } from './inspect.js'
export { lookAtServer, type ServerLook } from './look.js'
export { answerChannel } from './keys.js'
export { type EmbeddedRedis, findRedisServer, startEmbedded } from './embedded.js'
export { birthOf } from './embedded/process-birth.js'
