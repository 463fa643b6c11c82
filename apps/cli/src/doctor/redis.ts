// doctor, area redis: the server of REDIS_URL, what it promises, and which producers and workers are on it.
import type { AliveWorker, ServerLook } from '@cohort/store'
import { plural } from '../view/words.js'
import type { Check } from './check.js'

/** A server that was reached. */
export type ServerSeen = Extract<ServerLook, { readonly reached: true }>
type Remark = ServerSeen['facts']['faults'][number]

const area = 'redis'

export function redisChecks(look: ServerLook): Check[] {
  if (!look.reached) {
    return [
      {
        area,
        name: 'server',
        status: 'fault',
        found: `${look.at} cannot be used: ${look.reason}`,
        mend: mendOf(look.reason),
      },
    ]
  }
  const { at, facts, roundTripMs } = look
  const server = `${facts.software} ${facts.version} at ${at}, round trip ${roundTripMs.toFixed(2)} ms`
  return [
    { area, name: 'server', status: 'ok', found: server },
    ...remarked(facts.faults, 'fault'),
    ...settingChecks(facts),
    ...remarked(facts.notes, 'note'),
  ]
}

const PASSWORD = 'Give both in REDIS_URL: redis://user:password@host:port.'
const PROTECTED =
  'See its log, `bind` and `protected-mode` in its settings (a password ends protected mode), and the firewall.'
const START = 'Start it, or mend REDIS_URL. Without REDIS_URL, `up` and the demo start one of their own.'

function mendOf(reason: string): string {
  if (reason.includes('password')) return PASSWORD
  return reason.includes('protected mode') ? PROTECTED : START
}

/** What nothing was remarked of is as it should be. */
function settingChecks({ evictionPolicy, appendFsync, faults, notes }: ServerSeen['facts']): Check[] {
  const isRemarked = (about: Remark['about']) => [...faults, ...notes].some((one) => one.about === about)
  const checks: Check[] = []
  if (!isRemarked('eviction'))
    checks.push({ area, name: NAMES.eviction, status: 'ok', found: `maxmemory-policy ${evictionPolicy}` })
  if (!isRemarked('persistence'))
    checks.push({
      area,
      name: NAMES.persistence,
      status: 'ok',
      found: `append-only file, fsync ${appendFsync}`,
    })
  return checks
}

const NAMES: Readonly<Record<Remark['about'], string>> = {
  version: 'version',
  kind: 'kind',
  eviction: 'eviction',
  persistence: 'persistence',
  memory: 'memory',
}

const remarked = (remarks: readonly Remark[], status: 'fault' | 'note'): Check[] =>
  remarks.map(({ about, says, mend }) => ({
    area,
    name: NAMES[about],
    status,
    found: says.replace(/\.$/, ''),
    ...(mend === undefined ? {} : { mend }),
  }))

/** `look` is undefined where no REDIS_URL is given. */
export function workerChecks(look: ServerLook | undefined): Check[] {
  const check = { area: 'workers', name: 'workers' } as const
  if (look === undefined || !look.reached) {
    const why = look === undefined ? 'no REDIS_URL is given' : 'Redis was not reached'
    return [{ ...check, status: 'off', found: 'not looked for', why }]
  }
  return [
    producerCheck(look),
    ...(look.workers.length === 0 ? [nobody] : look.workers.map(workerCheck)),
    ...look.damagedWorkers.map(damagedCheck),
  ]
}

function producerCheck({ producers }: ServerSeen): Check {
  const check = { area: 'workers', name: 'producers' } as const
  if (producers === undefined)
    return { ...check, status: 'off', found: 'not known', why: 'the server forbids CLIENT LIST' }
  const found = producers === 0 ? 'none on this Redis' : `${producers} on this Redis`
  return producers === 0
    ? { ...check, status: 'note', found, mend: 'Start one: REDIS_URL=… npm run -s cohort -- producer' }
    : { ...check, status: 'ok', found }
}

const nobody: Check = {
  area: 'workers',
  name: 'workers',
  status: 'note',
  found: 'none on this Redis',
  why: 'steps wait until there is one',
  mend: 'Start one: REDIS_URL=… npm run -s cohort -- worker',
}

const damagedCheck = (id: string): Check => ({
  area: 'workers',
  name: 'workers',
  status: 'note',
  found: `what ${id} says of itself is damaged`,
  why: 'it is not counted: it may be of another version, or written by hand',
  mend: `Stop it; where nothing of that name runs, remove it: ZREM {s0}:workers ${id}`,
})

function workerCheck({ host, pid, threads, cpus }: AliveWorker): Check {
  const pinned = cpus.filter((cpu) => cpu !== null)
  const where = pinned.length === 0 ? 'unpinned' : `on CPUs ${pinned.join(', ')}`
  const rest = pinned.length > 0 && pinned.length < threads ? `, ${threads - pinned.length} unpinned` : ''
  return {
    area: 'workers',
    name: 'workers',
    status: 'ok',
    found: `${host}, process ${pid}: ${plural(threads, 'compute thread')} ${where}${rest}`,
  }
}
