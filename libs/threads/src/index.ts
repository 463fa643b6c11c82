// Compute threads: which CPUs there are, who has which, and the pool of pinned threads that runs tasks.
export { claimCpus, type CpuClaim } from './claim.js'
export { enterThread } from './enter-thread.js'
export { pinThisThread, type Pinning } from './pin.js'
export { Pool, type PoolOptions, type ThreadEvent } from './pool.js'
export { type ThreadFacts } from './report.js'
export { allowedCpus, defaultThreads } from './topology.js'
