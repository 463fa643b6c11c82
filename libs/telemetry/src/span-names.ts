// Every span and attribute of ours: its name, once. docs/internals/tracing.md says what each means; a test holds it.
import type { Leg } from '@cohort/contracts'
import type { Attributes } from '@opentelemetry/api'

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
  queueMs: 'cohort.queue_ms',
  lockWaitMs: 'cohort.lock_wait_ms',
  tasks: 'cohort.tasks',
  copy: 'cohort.copy',
} as const

/** What is known of a request or a job, by our short names. */
export type Facts = {
  readonly [Name in keyof typeof ATTRIBUTES]?: string | number | boolean | readonly string[]
}

export const attributesOf = (facts: Facts): Attributes =>
  Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      ATTRIBUTES[name as keyof Facts],
      typeof value === 'object' ? [...value] : value,
    ]),
  )
