// Compute threads: which CPUs there are, who has which, and the pool of pinned threads that runs tasks.
export { claimCpus, claimedCpus, type CpuClaim } from './machine/claim.js'
export { migrationsOf } from './machine/migrations.js'
export { pinThisThread, type Pinning } from './machine/pin.js'
export { cpuQuota, type CpuQuota } from './machine/quota.js'
export { allowedCpus, defaultThreads, readTopology, type Topology } from './machine/topology.js'
export { tryPinning } from './machine/trial.js'
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
