// Turns tracing on where an endpoint is set. Without one nothing of OpenTelemetry's SDK is loaded.
import type { TracedProcess } from './open.js'
import type { TracingSettings } from './settings.js'
import type { Tracing } from './tracing.js'

export async function startTracing(
  settings: TracingSettings | undefined,
  traced: TracedProcess,
): Promise<Tracing | undefined> {
  if (settings === undefined) return undefined
  const { openTracing } = await import('./open.js')
  return openTracing(settings, traced)
}
