// Tracing as the producer uses it: a span that fails is a line in the log, and the request and the job go on.
import { quietly, type Log, type RequestSpan, type SendSpan, type Tracing } from '@cohort/telemetry'

export type ProducerTracing = Pick<Tracing, 'request' | 'send' | 'spansLost'>

export const quietTracing = (tracing: ProducerTracing, log: Pick<Log, 'error'>): ProducerTracing => ({
  request: (arrival) => quietRequest(tracing.request(arrival), log),
  send: (job) => quietSend(tracing.send(job), log),
  spansLost: () => tracing.spansLost(),
})

function quietRequest(span: RequestSpan, log: Pick<Log, 'error'>): RequestSpan {
  if (!span.sampled) return span
  return {
    ...span,
    leg: (...leg) => quietly(log, () => span.leg(...leg)),
    note: (facts) => quietly(log, () => span.note(facts)),
    end: (...end) => quietly(log, () => span.end(...end)),
  }
}

const quietSend = (span: SendSpan, log: Pick<Log, 'error'>): SendSpan => ({
  ...span,
  end: (endMs) => quietly(log, () => span.end(endMs)),
  fail: (...failure) => quietly(log, () => span.fail(...failure)),
})
