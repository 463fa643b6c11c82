// Compute threads: which CPUs there are, who has which, and the pool of pinned threads that runs tasks.
export { claimCpus, claimedCpus, type CpuClaim } from './machine/claim.js'
export { enterThread } from './pool/enter-thread.js'
export { pinThisThread, type Pinning } from './machine/pin.js'
export { Pool, type PoolOptions, type ThreadEvent } from './pool/pool.js'
export { cpuQuota, type CpuQuota } from './machine/quota.js'
export { type ThreadFacts } from './pool/report.js'
export { allowedCpus, defaultThreads, readTopology, type Topology } from './machine/topology.js'
export { tryPinning } from './machine/trial.js'
