// leg: notify. A batch's events as text: server-sent events, with a comment where nothing else was said for a while.
import { HEARTBEAT_MS, type BatchEvent } from '@cohort/contracts'
import type { BatchRecord } from '@cohort/store'
import { batchEvents, type EventNeeds } from './events.js'

/** To a browser that loses the connection: come back after a second. */
const BEGIN = 'retry: 1000\n\n'
const HEARTBEAT = ': this goes on\n\n'

export async function* eventText(
  needs: EventNeeds,
  record: BatchRecord,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield BEGIN
  let saidMs = needs.nowMs()
  try {
    for await (const event of batchEvents(needs, record, signal)) {
      if (event === undefined && needs.nowMs() - saidMs < HEARTBEAT_MS) continue
      yield event === undefined ? HEARTBEAT : textOf(event)
      saidMs = needs.nowMs()
    }
  } catch (error) {
    // The answer is under way: nobody else is told.
    needs.log.error('the events of a batch broke off', { batch: record.id, error })
    throw error
  }
}

/** JSON has no line break of its own. */
const textOf = (event: BatchEvent): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
