// leg: notify. A batch's events as text: server-sent events, with a comment where nothing else was said for a while.
import { HEARTBEAT_MS } from '@cohort/contracts'
import type { BatchRecord } from '@cohort/store'
import { STREAM_BEGIN } from '../event-frame.js'
import { batchEvents, type EventNeeds } from './events.js'

const HEARTBEAT = ': this goes on\n\n'

export async function* eventText(
  needs: EventNeeds,
  record: BatchRecord,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield STREAM_BEGIN
  let saidMs = needs.nowMs()
  try {
    for await (const event of batchEvents(needs, record, signal)) {
      if (event === undefined && needs.nowMs() - saidMs < HEARTBEAT_MS) continue
      yield event ?? HEARTBEAT
      saidMs = needs.nowMs()
    }
  } catch (error) {
    // The answer is under way: nobody else is told.
    needs.log.error('the events of a batch broke off', { batch: record.id, error })
    throw error
  }
}
