// What Nest hands out, by name: interfaces have no other one at run time.
export const CONFIG = Symbol('config')
export const REDIS = Symbol('redis')
export const STORE = Symbol('store')
export const QUEUE = Symbol('queue')
export const SHELF = Symbol('shelf')
export const READINESS = Symbol('readiness')
export const STEPS = Symbol('steps')
export const CREATIONS = Symbol('creations')
