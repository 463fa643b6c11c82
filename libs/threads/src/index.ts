// Compute threads: which CPUs there are, who has which, and the pool of pinned threads that runs tasks.
export { claimCpus, claimedCpus, type CpuClaim } from './claim.js'
export { enterThread } from './enter-thread.js'
export { pinThisThread, type Pinning } from './pin.js'
export { Pool, type PoolOptions, type ThreadEvent } from './pool.js'
export { cpuQuota, type CpuQuota } from './quota.js'
export { type ThreadFacts } from './report.js'
export { allowedCpus, defaultThreads, readTopology, type Topology } from './topology.js'
export { tryPinning } from './trial.js'
