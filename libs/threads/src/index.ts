// Compute threads: which CPUs there are, who has which, and the pool of pinned threads that runs tasks.
export { claimedCpus } from './machine/claim.js'
export { keepThisThreadOn, pinThisThread, type Pinning } from './machine/pin.js'
export {
  coresOf,
  defaultThreads,
  type Placement,
  planPlacement,
  threadsEach,
  type Wish,
  wishHere,
} from './machine/placement.js'
export { cpuQuota, type CpuQuota } from './machine/quota.js'
export { takeCores, type TakenCores } from './machine/take-cores.js'
export { readThrottling, type Throttling } from './machine/throttling.js'
export { allowedCpus, cpusOf, readTopology, type Topology } from './machine/topology.js'
export { tryPinning } from './machine/trial.js'
export { readVerdict, slowerPinned, type Verdict, verdictOf, writeVerdict } from './machine/verdict.js'
export { migrationsOf } from './machine/migrations.js'
export { enterThread } from './pool/enter-thread.js'
export { type Bounds, fixedBounds, seedBounds } from './pool/growth.js'
export {
  Pool,
  type PoolCounters,
  type PoolOptions,
  type TaskOptions,
  type ThreadEvent,
  type Tuning,
} from './pool/pool.js'
export { type ThreadFacts } from './pool/report.js'
export { type Priority } from './pool/task-queue.js'
