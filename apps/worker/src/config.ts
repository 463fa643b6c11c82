// The environment → one frozen object: all faults at once, each naming its variable. The only reader of process.env.
import { type Environment, workerSettings, type WorkerSettings, readEnvironment } from '@cohort/contracts'
import { telemetrySettings, type TelemetrySettings } from '@cohort/telemetry'

export type WorkerConfig = WorkerSettings & TelemetrySettings

/** Throws CohortError `configuration` with a fault for each variable that does not fit. */
export const readConfig = (env: Environment = process.env): WorkerConfig =>
  readEnvironment(env, (from) => ({ ...workerSettings(from), ...telemetrySettings(from) }))
