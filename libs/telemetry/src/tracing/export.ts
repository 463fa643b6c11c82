// The way of finished spans out of the process: batches over OTLP, and a word in the log when they do not arrive.
import { diag, DiagLogLevel, type DiagLogFunction } from '@opentelemetry/api'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Log } from '../log.js'
import { type TracingSettings, withoutSecrets } from './settings.js'

const BATCH = 512
/** While nobody listens at the endpoint, the log says so twice a minute. */
const SAY_EVERY_MS = 30_000

export function openExport(settings: TracingSettings, log: Log): SpanProcessor {
  hearSdk(log)
  return new BatchSpanProcessor({
    exporter: telling(exporterOf(settings), settings.url, log),
    maxQueueSize: settings.mostWaiting,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: settings.sendEveryMs,
  })
}

function exporterOf({ url, protocol, headers }: TracingSettings): SpanExporter {
  const options = { url, headers: { ...headers } }
  return protocol === 'http/json' ? new JsonExporter(options) : new ProtobufExporter(options)
}

/** The SDK would throw a failed export at its global error handler; the spans are lost either way, and counted here. */
function telling(exporter: SpanExporter, url: string, log: Log): SpanExporter {
  let lost = 0
  let saidMs = -Infinity
  const say = (error: Error | undefined) => {
    if (performance.now() - saidMs < SAY_EVERY_MS) return
    saidMs = performance.now()
    log.warn('spans could not be sent and are lost', { spans: lost, to: withoutSecrets(url), error })
    lost = 0
  }
  return {
    export: (spans, done) =>
      exporter.export(spans, ({ code, error }) => {
        if (code !== 0) {
          lost += spans.length
          say(error)
        }
        done({ code: 0 })
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}

/** What the SDK says of itself: spans dropped because too many wait, a collector that takes only some. */
function hearSdk(log: Log): void {
  const saidMs = new Map<string, number>()
  const sparing =
    (say: Log['warn']): DiagLogFunction =>
    (message, ...more) => {
      const nowMs = performance.now()
      // Numbers differ from one time to the next; what is said is the same.
      const kind = message.replace(/\d+/g, '#').slice(0, 100)
      if (nowMs - (saidMs.get(kind) ?? -Infinity) < SAY_EVERY_MS) return
      if (saidMs.size >= 100) saidMs.clear()
      saidMs.set(kind, nowMs)
      say(`tracing: ${message}`, more.length > 0 ? { more: more.map(String) } : {})
    }
  const quiet = () => {}
  const logger = {
    error: sparing(log.warn),
    warn: sparing(log.warn),
    info: quiet,
    debug: quiet,
    verbose: quiet,
  }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
}
