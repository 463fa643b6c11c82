// The arena: one shared memory per process, the slots and the matrices in it.
export { Arena, type SharedMemory } from './arena.js'
export { FreeList } from './free-list.js'
export {
  MatrixCache,
  type CacheCounters,
  type Lease,
  type Loaded,
  type MatrixHandle,
} from './matrix-cache.js'
export { Slots } from './slots.js'
