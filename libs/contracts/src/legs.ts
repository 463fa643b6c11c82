// The nine legs of one observation: the same word is a file, a timing in a batch's answer, a span and a metric's label.

export const LEGS = [
  'admit',
  'gather',
  'queue',
  'take',
  'load',
  'dispatch',
  'compute',
  'commit',
  'notify',
] as const
export type Leg = (typeof LEGS)[number]

/** Milliseconds in each leg, all known. They add up to the time between a request's arrival and its answer. */
export type LegTimings = Record<Leg, number>
