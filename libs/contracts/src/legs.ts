// The nine legs of one observation: the same word is a file, a span, a histogram's label and a column of a benchmark.

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

/** The one file that each leg lives in, from the root of the repository. */
export const LEG_FILES: Readonly<Record<Leg, string>> = {
  admit: 'apps/producer/src/steps/admit.ts',
  gather: 'apps/producer/src/steps/gather.ts',
  queue: 'libs/queue/src/enqueue.ts',
  take: 'apps/worker/src/job/take.ts',
  load: 'apps/worker/src/job/load.ts',
  dispatch: 'apps/worker/src/job/dispatch.ts',
  compute: 'apps/worker/src/thread/compute.ts',
  commit: 'apps/worker/src/job/commit.ts',
  notify: 'apps/producer/src/steps/notify.ts',
}

/** Milliseconds spent in each leg. They add up to the time between a request's arrival and its answer. */
export type LegTimings = Record<Leg, number>
