// Turns what ioredis rejects with into an error of the table: try again, a damaged record, or a bug.
import { CohortError } from '@cohort/contracts'
import type { ChainableCommander } from 'ioredis'

/** First words of a server's error that says: not now. */
const NOT_NOW = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
])

/** Waits for a reply; rejects with a `CohortError` only. */
export const answered = <T>(reply: Promise<T>): Promise<T> =>
  reply.catch((error: unknown) => {
    throw asCohortError(error)
  })

/** Sends a pipeline; rejects with the first error of its replies. */
export async function answeredAll(pipeline: ChainableCommander): Promise<unknown[]> {
  const replies = (await answered(pipeline.exec())) ?? []
  return replies.map(([error, reply]) => {
    if (error) throw asCohortError(error)
    return reply
  })
}

export function asCohortError(error: unknown): CohortError {
  if (error instanceof CohortError) return error
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (isWrongType(error)) return new CohortError('corrupt_record', message, { cause: error })
  // What is not a reply of the server is a fault of the connection: closed, or cut in the middle of a pipeline.
  const passing = name !== 'ReplyError' || NOT_NOW.has(message.split(' ')[0] ?? '')
  return new CohortError(passing ? 'redis_unavailable' : 'internal', message, { cause: error })
}

export const isWrongType = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('WRONGTYPE')
