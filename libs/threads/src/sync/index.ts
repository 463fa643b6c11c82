// What threads share in memory, each at an offset that the caller gives: counters, a ring, and two locks.
export { Counters, CounterWriter, type CountersShape } from './counters.js'
export { type Place } from './place.js'
export { type LockWaits, ReadWriteLock, type ReadWriteLockOptions } from './read-write-lock.js'
export { Ring, type RingShape } from './ring.js'
export { SequenceLock } from './sequence-lock.js'
