// What an environment sets of telemetry: the log and the traces. It loads neither pino nor a SDK.
import type { Variables } from '@cohort/contracts'
import { readTracing, type TracingSettings } from './tracing/settings.js'

export { withoutSecrets, type TracingSettings } from './tracing/settings.js'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
/** `auto`: pretty in a terminal, JSON elsewhere. */
const LOG_FORMATS = ['auto', 'json', 'pretty'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

export interface TelemetrySettings {
  /** COHORT_LOG_LEVEL */
  readonly logLevel: LogLevel
  /** COHORT_LOG_FORMAT */
  readonly logFormat: LogFormat
  /** OTEL_…: where spans go; undefined where nothing is traced. */
  readonly tracing: TracingSettings | undefined
}

export const telemetrySettings = (from: Variables): TelemetrySettings => ({
  logLevel: from.oneOf('COHORT_LOG_LEVEL', { values: LOG_LEVELS, otherwise: 'info' }),
  logFormat: from.oneOf('COHORT_LOG_FORMAT', { values: LOG_FORMATS, otherwise: 'auto' }),
  tracing: readTracing(from),
})
