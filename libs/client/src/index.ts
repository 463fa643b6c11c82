// The SDK of a producer: everything a service needs to make models and populations and to send steps.
export { Cohort } from './cohort.js'
export type { CallOptions, CohortOptions } from './options.js'
export type { Columns, Seen, StepsRequest, StepsOptions } from './steps.js'
export type { WaitOptions } from './batches.js'
export {
  type Agent,
  type Batch,
  type BatchAccepted,
  type BatchEvent,
  CohortError,
  type CreatePopulation,
  type ErrorCode,
  type Model,
  type ModelInfo,
  type Population,
  type PopulationCreated,
  type StepResults,
} from '@cohort/contracts'
