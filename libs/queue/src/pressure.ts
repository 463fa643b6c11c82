// leg: queue. How much waits on the queue, and since when: one question to Redis. Asked for metrics and the live page.
import type { Queue, RedisConnection } from 'bullmq'

export interface Pressure {
  /** Jobs that are not done. */
  readonly jobs: number
  /** The same, one by one. `delayed`: put off for another try. */
  readonly byState: Readonly<Record<'waiting' | 'prioritized' | 'delayed' | 'active', number>>
  /**
   * How long ago the oldest job was added that a worker could take; 0 where none waits. As good as the clock of whoever
   * added it agrees with this process's.
   */
  readonly oldestMs: number
}

/**
 * The oldest is the next to be taken: the last of a list that is filled at its head, or the first of its priority. Of
 * many priorities the first few are looked at. What is put off waits only from its time on: then no worker came for it.
 * It reads one field of a job, never its data.
 */
const SCRIPT = `
  local wait, prioritized, delayed, active = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
  local prefix, classes = ARGV[1], 16
  local oldest
  local function since(ms)
    if ms and (not oldest or ms < oldest) then oldest = ms end
  end
  local function added(id)
    if id then since(tonumber(redis.call('HGET', prefix .. id, 'timestamp') or '')) end
  end
  added(redis.call('LINDEX', wait, -1))
  local from = '-inf'
  for _ = 1, classes do
    local first = redis.call('ZRANGEBYSCORE', prioritized, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    if not first[1] then break end
    added(first[1])
    from = string.format('%.0f', (math.floor(tonumber(first[2]) / 0x100000000) + 1) * 0x100000000)
  end
  local due = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  if due[2] then since(math.floor(tonumber(due[2]) / 0x1000)) end
  local count = { redis.call('LLEN', wait), redis.call('ZCARD', prioritized), redis.call('ZCARD', delayed) }
  return { count[1], count[2], count[3], redis.call('LLEN', active), oldest and string.format('%.0f', oldest) or '' }`
const COMMAND = 'cohortPressure'

type Client = Awaited<RedisConnection['client']>
const known = new WeakSet<Client>()

export async function pressureOf(queue: Queue): Promise<Pressure> {
  const client = await queue.getBackend().client
  if (!known.has(client)) {
    client.defineCommand(COMMAND, { numberOfKeys: 4, lua: SCRIPT })
    known.add(client)
  }
  const keys = ['wait', 'prioritized', 'delayed', 'active'].map((state) => queue.toKey(state))
  const answer: unknown = await client.runCommand(COMMAND, [...keys, queue.toKey('')])
  const [waiting, prioritized, delayed, active, oldest] = answer as [number, number, number, number, string]
  return {
    jobs: waiting + prioritized + delayed + active,
    byState: { waiting, prioritized, delayed, active },
    // Before its time a job that is put off has not waited: nor has one of a clock that is ahead.
    oldestMs: oldest === '' ? 0 : Math.max(0, Date.now() - Number(oldest)),
  }
}
