// doctor, area redis: the server of REDIS_URL or of what runs here, what it promises, and who is on it.
import type { AliveWorker, ServerLook } from '@cohort/store'
import { plural } from '../view/words.js'
import type { Check } from './check.js'

/** A server that was reached. */
export type ServerSeen = Extract<ServerLook, { readonly reached: true }>
type Remark = ServerSeen['facts']['faults'][number]

/** What an append-only file that is written out every second means, for a server of our own. */
export const EVERY_SECOND =
  'a killed producer or worker loses nothing; ' +
  'a crash of Redis or of the machine at most two seconds of answered steps'

const area = 'redis'

/** `data`: where a server that a system of this folder started keeps its data. */
export function redisChecks(look: ServerLook, data?: string): Check[] {
  if (!look.reached) {
    return [
      {
        area,
        name: 'server',
        status: 'fault',
        found: `${look.at} cannot be used: ${look.reason}`,
        mend: data === undefined ? mendOf(look.reason) : COMES_BACK,
      },
    ]
  }
  const { at, facts, roundTripMs } = look
  const server = `${facts.software} ${facts.version} at ${at}, round trip ${roundTripMs.toFixed(2)} ms`
  // Nobody but us chose how a server of our own writes: a fact, and not a fault of somebody's.
  const asStarted = data !== undefined && facts.appendOnly && facts.appendFsync === 'everysec'
  const notes = asStarted ? facts.notes.filter(({ about }) => about !== 'persistence') : facts.notes
  return [
    { area, name: 'server', status: 'ok', found: server, ...(data === undefined ? {} : OURS) },
    ...remarked(facts.faults, 'fault'),
    ...settingChecks({ ...facts, notes }).map((check) => (asStarted ? withMeaning(check) : check)),
    ...remarked(notes, 'note'),
    ...(data === undefined ? [] : [{ area, name: 'data', status: 'ok', found: data } as const]),
  ]
}

const OURS = { chosen: 'started by the system of this folder that runs' }
const COMES_BACK =
  'The system that started it starts it again: look again in a moment, or stop and start that.'

const withMeaning = (check: Check): Check =>
  check.name === NAMES.persistence ? { ...check, chosen: EVERY_SECOND } : check

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

/** `look` is undefined where no REDIS_URL is given, and no system of this folder runs. */
export function workerChecks(look: ServerLook | undefined): Check[] {
  const check = { area: 'workers', name: 'workers' } as const
  if (look === undefined || !look.reached) {
    const why =
      look === undefined ? 'no REDIS_URL is given, and nothing of this folder runs' : 'Redis was not reached'
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
