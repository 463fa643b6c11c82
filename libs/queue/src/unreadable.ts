// leg: queue. A job whose hash BullMQ itself cannot read would stall and return for ever: it is made fit to fail.
import type { Worker } from 'bullmq'
import { reasonOf } from './failure.js'

/** The fields that BullMQ parses before anything of ours sees the job, and the one it reads the job's doom from. */
const JSON_FIELDS = ['data', 'opts', 'progress', 'parent'] as const
const DOOM = 'defa'

/**
 * Looks through the jobs that workers hold now. Of one that cannot be read, what cannot be read is taken out and the
 * reason put in; it goes back on the queue, where the next worker fails it for that reason. Others are left alone.
 * Called when BullMQ stumbled over a job: it does not say over which. Where it stumbled while it fetched the next job
 * after a failed one, that failure is not announced either: its producer finds it by the job's state.
 */
export async function mendUnreadable(worker: Worker): Promise<string[]> {
  const client = await worker.getBackend().client
  const mended: string[] = []
  for (const id of await client.lrange(worker.toKey('active'), 0, -1)) {
    if (await mend(worker, id)) mended.push(id)
  }
  return mended
}

async function mend(worker: Worker, id: string): Promise<boolean> {
  const backend = worker.getBackend()
  const client = await backend.client
  const key = worker.toKey(id)
  const values = await client.hmget(key, ...JSON_FIELDS)
  const unreadable = JSON_FIELDS.filter((field, at) => !isReadable(field, values[at]))
  const first = unreadable[0]
  if (first === undefined) return false
  const shown = values[JSON_FIELDS.indexOf(first)]?.slice(0, 80)
  await client.hset(key, {
    [DOOM]: reasonOf({ code: 'invalid_job', detail: `its ${first} is not JSON: ${shown}` }),
  })
  await client.hdel(key, ...unreadable)
  await backend.moveJobFromActiveToWait(id, (await client.get(`${key}:lock`)) ?? '0')
  return true
}

function isReadable(field: (typeof JSON_FIELDS)[number], value: string | null | undefined): boolean {
  if (value === null || value === undefined || value === '') return true
  try {
    const parsed: unknown = JSON.parse(value)
    return field !== 'opts' || (typeof parsed === 'object' && parsed !== null)
  } catch {
    return false
  }
}
