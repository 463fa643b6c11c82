// The way of finished spans out of the process: batches over OTLP, and a word in the log when they do not arrive.
import { diag, DiagLogLevel, type DiagLogFunction } from '@opentelemetry/api'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Log } from '../log.js'
import { openLostSpans, outOfTraces, type LostSpans } from './lost-spans.js'
import { type TracingSettings, withoutSecrets } from './settings.js'
import { isSampled } from './traceparent.js'

const BATCH = 512
/** What the SDK says of itself, it may say with every batch. */
const SAY_EVERY_MS = 30_000

export interface WayOut {
  readonly processor: SpanProcessor
  /** Spans that will never arrive, since the start. */
  readonly lost: number
  /** For when the process does not wait any longer: what has not arrived is lost. */
  close(error?: unknown): void
}

/** Between their end and the collector's answer: all of them are in one of these, so that none is lost uncounted. */
interface UnderWay {
  waiting: number
  sending: number
  isClosed: boolean
}

export function openExport(settings: TracingSettings, log: Log): WayOut {
  const lost = openLostSpans(log, withoutSecrets(settings.url))
  const underWay: UnderWay = { waiting: 0, sending: 0, isClosed: false }
  hearSdk(log, lost)
  const batches = new BatchSpanProcessor({
    exporter: counting(exporterOf(settings), underWay, lost),
    maxQueueSize: settings.mostWaiting,
    maxExportBatchSize: Math.min(BATCH, settings.mostWaiting),
    scheduledDelayMillis: settings.sendEveryMs,
  })
  return {
    processor: bounded(batches, { underWay, most: settings.mostWaiting, lost }),
    get lost() {
      return lost.total
    },
    close(error) {
      underWay.isClosed = true
      lost.add(underWay.waiting + underWay.sending, 'there was no time at the end', error)
      lost.close()
    },
  }
}

function exporterOf({ url, protocol, headers }: TracingSettings): SpanExporter {
  const options = { url, headers: { ...headers } }
  return protocol === 'http/json' ? new JsonExporter(options) : new ProtobufExporter(options)
}

interface Bounds {
  readonly underWay: UnderWay
  readonly most: number
  readonly lost: LostSpans
}

/** The SDK has the same bound, but tells of what it drops only when there is room again. */
function bounded(batches: SpanProcessor, { underWay, most, lost }: Bounds): SpanProcessor {
  return {
    onStart: (span, parent) => batches.onStart(span, parent),
    onEnd(span) {
      if (!isSampled(span.spanContext())) return
      if (underWay.isClosed) return lost.add(1, 'there was no time at the end')
      if (underWay.waiting >= most) return lost.add(1, 'too many waited (OTEL_BSP_MAX_QUEUE_SIZE)')
      underWay.waiting += 1
      batches.onEnd(span)
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  }
}

/** The SDK would throw a failed export at its global error handler; the spans are lost either way, and counted here. */
function counting(exporter: SpanExporter, underWay: UnderWay, lost: LostSpans): SpanExporter {
  return {
    export(spans, done) {
      underWay.waiting -= spans.length
      underWay.sending += spans.length
      exporter.export(spans, ({ code, error }) => {
        underWay.sending -= spans.length
        if (code !== 0 && !underWay.isClosed) lost.add(spans.length, 'the collector did not take them', error)
        done({ code: 0 })
      })
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}

/** What the SDK says of itself: a collector that takes only some of a batch is the one thing that loses spans. */
function hearSdk(log: Log, lost: LostSpans): void {
  const saidMs = new Map<string, number>()
  const sparing =
    (say: Log['warn']): DiagLogFunction =>
    (message, ...more) => {
      lost.add(rejectedIn(more), 'the collector did not take them')
      const nowMs = performance.now()
      // Numbers differ from one time to the next; what is said is the same.
      const kind = message.replace(/\d+/g, '#').slice(0, 100)
      if (nowMs - (saidMs.get(kind) ?? -Infinity) < SAY_EVERY_MS) return
      if (saidMs.size >= 100) saidMs.clear()
      saidMs.set(kind, nowMs)
      const fields = more.length > 0 ? { more: more.map(String) } : {}
      outOfTraces(() => say(`tracing: ${message}`, fields))
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

/** The SDK hands on what the collector said of those that it did not take, as JSON. */
function rejectedIn(more: readonly unknown[]): number {
  const [, spans = '0'] = /"rejectedSpans":"?(\d{1,9})/.exec(String(more[0])) ?? []
  return Number(spans)
}
