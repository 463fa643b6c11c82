// leg: notify. A batch's events as text: server-sent events, with a comment where nothing else was said for a while.
import { HEARTBEAT_MS, type StreamEvent } from '@cohort/contracts'
import type { BatchRecord } from '@cohort/store'
import { eventOf, STREAM_BEGIN } from '../event-frame.js'
import { batchEvents, type EventNeeds } from './events.js'

const HEARTBEAT = ': this goes on\n\n'

const cut: StreamEvent = {
  type: 'cut',
  code: 'reader_too_slow',
  detail: 'what was sent was not taken in time: open the stream again and read on, or poll the batch',
}

/** To a reader that is too slow; the line break before it ends a line that broke off. */
export const CUT_TEXT = `\n${eventOf(`event: ${cut.type}`, cut)}`

export async function* eventText(
  needs: EventNeeds,
  record: BatchRecord,
  signal: AbortSignal,
): AsyncGenerator<string | Uint8Array> {
  yield STREAM_BEGIN
  const events = batchEvents(needs, record, signal)
  try {
    for (let next = events.next(); ;) {
      const event = await within(HEARTBEAT_MS, next)
      if (event?.done === true) return
      yield event?.value ?? HEARTBEAT
      if (event !== undefined) next = events.next()
    }
  } catch (error) {
    // The answer is under way: nobody else is told.
    needs.log.error('the events of a batch broke off', { batch: record.id, error })
    throw error
  } finally {
    await events.return(undefined)
  }
}

/** Undefined where it takes longer: a turn may be long in coming, and Redis slow to answer. */
async function within<T>(ms: number, said: Promise<T>): Promise<T | undefined> {
  const { promise: silence, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), ms)
  try {
    return await Promise.race([said, silence])
  } finally {
    clearTimeout(timer)
  }
}
