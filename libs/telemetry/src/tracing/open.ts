// Puts tracing together: what the process is called, which traces are kept, where they go. Loaded only where it is on.
import { setTimeout as sleep } from 'node:timers/promises'
import { hostname } from 'node:os'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Log } from '../log.js'
import { VERSION } from '../version.js'
import { openExport, type WayOut } from './export.js'
import { activeJob, openJobTelemetry } from './job-telemetry.js'
import { openRequest } from './request.js'
import { recordsOf } from './sampler.js'
import { openSend } from './send.js'
import { MOST_VALUE_LENGTH } from './spans.js'
import type { TracingSettings } from './settings.js'
import type { Tracing } from './tracing.js'

export interface TracedProcess {
  /** What it is called where OTEL_SERVICE_NAME says nothing else. */
  readonly service: string
  readonly log: Log
}

const FLUSH_MS = 2000

export function openTracing(settings: TracingSettings, { service, log }: TracedProcess): Tracing {
  const wayOut = openExport(settings, log)
  const provider = new TracerProvider({
    resource: resourceOf(settings, service),
    // Asked for no span that is not to be recorded: see sampler.ts
    sampler: new AlwaysOnSampler(),
    spanLimits: { attributeValueLengthLimit: MOST_VALUE_LENGTH },
    spanProcessors: [wayOut.processor],
  })
  const tracer = provider.getTracer('cohort', VERSION)
  const recording = { tracer, records: recordsOf(settings) }
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  let stopped: Promise<void> | undefined
  return {
    request: (arrival) => openRequest(recording, arrival),
    send: (job) => openSend(tracer, job),
    jobs: openJobTelemetry(recording),
    jobSpan: activeJob,
    spansLost: () => wayOut.lost,
    stop: () => (stopped ??= stop(provider, wayOut)),
  }
}

function resourceOf({ serviceName, resource }: TracingSettings, service: string) {
  return defaultResource().merge(
    resourceFromAttributes({
      'service.name': service,
      'service.version': VERSION,
      'service.instance.id': crypto.randomUUID(),
      'host.name': hostname(),
      'process.pid': process.pid,
      ...resource,
      ...(serviceName === undefined ? {} : { 'service.name': serviceName }),
    }),
  )
}

/** An endpoint that is away would be waited for until the last of its tries. */
async function stop(provider: TracerProvider, wayOut: WayOut): Promise<void> {
  const end = new AbortController()
  const late = sleep(FLUSH_MS, undefined, { signal: end.signal })
  try {
    await Promise.race([provider.shutdown(), late])
    wayOut.close()
  } catch (error) {
    wayOut.close(error)
  } finally {
    end.abort()
    late.catch(() => {})
    context.disable()
  }
}
