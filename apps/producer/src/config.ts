// The environment → one frozen object: all faults at once, each naming its variable. The only reader of process.env.
import { type Environment, producerSettings, type ProducerSettings, readEnvironment } from '@cohort/contracts'
import { telemetrySettings, type TelemetrySettings } from '@cohort/telemetry'

export type ProducerConfig = ProducerSettings & TelemetrySettings

/** Throws CohortError `configuration` with a fault for each variable that does not fit. */
export const readConfig = (env: Environment = process.env): ProducerConfig =>
  readEnvironment(env, (from) => ({ ...producerSettings(from), ...telemetrySettings(from) }))
