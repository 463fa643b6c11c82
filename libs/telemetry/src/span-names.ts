// Every span and attribute of ours: its name and meaning, once. docs/internals/tracing.md names each; a test holds it.
import type { Leg } from '@cohort/contracts'

/** Spans by what they are of. That of a request is named `METHOD route`. */
export const SPANS = {
  admit: 'admit',
  gather: 'gather',
  queue: 'queue',
  take: 'take',
  load: 'load',
  dispatch: 'dispatch',
  compute: 'compute',
  commit: 'commit',
  notify: 'notify',
  send: 'send steps',
  process: 'process steps',
  task: 'task',
  map: 'map',
  step: 'step',
} as const satisfies Readonly<Record<Leg, string>> & Readonly<Record<string, string>>

/** Ours; what OpenTelemetry's conventions have a name for (`http.*`, `messaging.*`, `error.type`) has that name. */
export const ATTRIBUTES = {
  batch: 'cohort.batch',
  batches: 'cohort.batches',
  population: 'cohort.population',
  model: 'cohort.model',
  steps: 'cohort.steps',
  failedSteps: 'cohort.failed_steps',
  requests: 'cohort.requests',
  status: 'cohort.status',
  code: 'cohort.code',
  outcome: 'cohort.outcome',
  tries: 'cohort.tries',
  attempts: 'cohort.attempts',
  lockWaitMs: 'cohort.lock_wait_ms',
  tasks: 'cohort.tasks',
  copy: 'cohort.copy',
} as const
