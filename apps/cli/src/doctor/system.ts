// doctor, area system: what `up` or the demo runs in this folder at this moment, and whether it is ready for work.
import { Cohort, CohortError } from '@cohort/client'
import type { RunningSystem } from '../running.js'
import type { Check } from './check.js'

export interface SystemSeen extends RunningSystem {
  /** Why its producer is not ready; undefined where it is. */
  readonly trouble: string | undefined
}

const READY_MS = 3_000

export const systemsSeen = (systems: readonly RunningSystem[]): Promise<SystemSeen[]> =>
  Promise.all(systems.map(async (system) => ({ ...system, trouble: await troubleOf(system.url) })))

async function troubleOf(url: string): Promise<string | undefined> {
  try {
    await new Cohort({ url, retries: 0, timeoutMs: READY_MS }).ready()
    return undefined
  } catch (error) {
    if (!(error instanceof CohortError)) throw error
    return error.message
  }
}

/** `examined`: the address of the Redis that area redis is about. */
export function systemChecks(systems: readonly SystemSeen[], examined: string | undefined): Check[] {
  const check = { area: 'system', name: 'running' } as const
  if (systems.length === 0)
    return [
      {
        ...check,
        status: 'off',
        found: 'none in this folder',
        chosen: '`npm run -s cohort -- up` starts one',
      },
    ]
  return systems.map((system): Check => {
    const { pid, url, processes, redis, trouble } = system
    const parts = processes.map(({ name, pid: of }) => `${name} ${of}`).join(', ')
    const seen = { ...check, found: `${url}, by process ${pid} (${parts})`, chosen: redisOf(redis, examined) }
    if (trouble === undefined) return { ...seen, status: 'ok' }
    return { ...seen, status: 'note', why: `it is not ready for work: ${trouble}`, mend: LOGS }
  })
}

const LOGS = 'Look again in a moment; else its logs say more (.cohort/logs, or where --verbose sent them).'

function redisOf(redis: RunningSystem['redis'], examined: string | undefined): string {
  if (redis === undefined) return 'its Redis was given by a REDIS_URL: give doctor the same to examine it'
  const how = redis.url === examined ? 'examined below' : 'give it to doctor to examine it'
  return `REDIS_URL=${redis.url}, started with it and ${how}`
}
