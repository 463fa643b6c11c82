// A batch's results as they come: one stream to the caller, over as many connections as that takes.
import {
  type BatchEvent,
  checker,
  CohortError,
  faultSaid,
  HEARTBEAT_MS,
  StreamEvent,
} from '@cohort/contracts'
import { dataOf } from './event-stream.js'
import type { CallOptions } from './options.js'
import type { Transport } from './transport.js'

const checkEvent = checker(StreamEvent)

/** A producer says at least every `HEARTBEAT_MS` that it goes on; the way may keep that back for as long again. */
const SILENCE_MS = 3 * HEARTBEAT_MS

/**
 * Each connection tells the batch from its beginning: what was told before is left out. Tries again as often as any
 * call does, counted from the last event that was new.
 */
export async function* batchEvents(
  transport: Transport,
  id: string,
  { signal }: CallOptions,
): AsyncGenerator<BatchEvent, void, undefined> {
  const told = new Set<number>()
  const retried = signal === undefined ? {} : { signal }
  for (let attempt = 1; ; attempt++) {
    try {
      for await (const event of oneConnection(transport, id, retried)) {
        if (event.type === 'cut') throw new CohortError(event.code, `batch ${id}: ${event.detail}`)
        if (event.type === 'end') {
          yield event
          return
        }
        if (told.has(event.job)) continue
        told.add(event.job)
        attempt = 1
        yield event
      }
      throw new CohortError('answer_lost', `the events of batch ${id} broke off before their end`)
    } catch (error) {
      if (!(error instanceof CohortError)) throw error
      await transport.pauseAfter(error, attempt, retried)
    }
  }
}

async function* oneConnection(
  transport: Transport,
  id: string,
  retried: CallOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  const path = `/v1/batches/${encodeURIComponent(id)}/events`
  const headers = { accept: 'text/event-stream, application/problem+json' }
  const pieces = transport.stream({ ...retried, method: 'GET', path, headers, silenceMs: SILENCE_MS })
  for await (const data of dataOf(pieces)) yield eventOf(data)
}

function eventOf(data: string): StreamEvent {
  const checked = checkEvent(parsed(data))
  if (checked.ok) return checked.value
  const [first] = checked.faults
  const detail = `an event of a batch is not as a producer sends it (${first === undefined ? '' : faultSaid(first)})`
  throw new CohortError('answer_unknown', detail, { errors: checked.faults })
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new CohortError('answer_unknown', 'an event of a batch is not JSON', { cause })
  }
}
