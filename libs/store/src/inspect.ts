// Asks a Redis server, at the start of a process, whether it can be used and what its settings mean for the data.
import { CohortError } from '@cohort/contracts'
import type { Redis } from 'ioredis'

/** What a setting of the server means, and what to do about it: sentences. */
export interface Remark {
  readonly about: 'version' | 'kind' | 'eviction' | 'persistence' | 'memory'
  readonly says: string
  readonly mend?: string
}

export interface ServerFacts {
  readonly software: 'redis' | 'valkey'
  readonly version: string
  /** `unknown` where the server does not say. */
  readonly evictionPolicy: string
  readonly appendOnly: boolean
  /** `unknown` where the server does not let its settings be read. */
  readonly appendFsync: 'always' | 'everysec' | 'no' | 'unknown'
  /** Why the server cannot be used. */
  readonly faults: readonly Remark[]
  /** What a user should know of it. */
  readonly notes: readonly Remark[]
}

/** Where a process says what it found. */
interface Voice {
  info(message: string, fields: Readonly<Record<string, unknown>>): void
  warn(message: string): void
}

/**
 * Resolves when the server has been asked and can be used: what a user should know of it is said in a warning each.
 * Throws `redis_unfit` with all that must be changed. Waits for a server that is away as long as `redis` does.
 */
export async function requireFitServer(redis: Redis, log: Voice): Promise<void> {
  const { software, version, appendOnly, appendFsync, faults, notes } = await inspectServer(redis)
  if (faults.length > 0) throw new CohortError('redis_unfit', faults.map(told).join(' '))
  log.info('connected to Redis', { software, version, appendOnly, appendFsync })
  for (const { says } of notes) log.warn(says)
}

const told = ({ says, mend }: Remark): string => (mend === undefined ? says : `${says} ${mend}`)

/** Throws `redis_unfit` where the server does not even answer `INFO`. */
export async function inspectServer(redis: Redis): Promise<ServerFacts> {
  const info = await redis.info().catch((cause: unknown) => {
    throw new CohortError('redis_unfit', `the server does not answer INFO: ${String(cause)}`, { cause })
  })
  // Managed servers often forbid CONFIG: that is a note, not a fault.
  const fsync = await redis.config('GET', 'appendfsync').then(
    (reply) => (reply as string[])[1],
    () => undefined,
  )
  return factsOf(info, fsync)
}

/** `appendFsync`: the setting, or undefined where it could not be read. */
export function factsOf(info: string, appendFsync: string | undefined): ServerFacts {
  const fields = fieldsOf(info)
  const valkey = fields.get('valkey_version')
  const seen = {
    software: valkey === undefined ? ('redis' as const) : ('valkey' as const),
    version: valkey ?? fields.get('redis_version') ?? 'unknown',
    evictionPolicy: fields.get('maxmemory_policy') ?? 'unknown',
    appendOnly: fields.get('aof_enabled') === '1',
    appendFsync: FSYNCS.find((policy) => policy === appendFsync) ?? ('unknown' as const),
  }
  return { ...seen, faults: faultsOf(seen, fields), notes: notesOf(seen, fields) }
}

/** True for 6.2 and later: the first that has what Cohort uses. */
export function isRecentServer(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

const FSYNCS = ['always', 'everysec', 'no'] as const
const OLDEST = [6, 2] as const
type Seen = Omit<ServerFacts, 'faults' | 'notes'>
type Fields = ReadonlyMap<string, string>

const fieldsOf = (info: string): Fields =>
  new Map(
    info
      .split(/\r?\n/)
      .filter((line) => line.includes(':') && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )

function faultsOf({ software, version, evictionPolicy }: Seen, fields: Fields): Remark[] {
  const faults: Remark[] = []
  const oldest = OLDEST.join('.')
  if (!isRecentServer(version))
    faults.push({
      about: 'version',
      says: `The ${software} server is version ${version}; ${oldest} or later is needed.`,
      mend: `Use Redis ${oldest} or later, or any Valkey.`,
    })
  if (evictionPolicy !== 'noeviction' && evictionPolicy !== 'unknown') {
    faults.push({
      about: 'eviction',
      says:
        `maxmemory-policy is ${evictionPolicy}: the server would drop agents and the locks of jobs ` +
        'when its memory is full.',
      mend: 'Set it, by CONFIG SET and in the server’s configuration: maxmemory-policy noeviction.',
    })
  }
  if (fields.get('cluster_enabled') === '1')
    faults.push({
      about: 'kind',
      says: 'The server is part of a cluster; a single server is needed.',
      mend: 'Use one with cluster-enabled no.',
    })
  if (fields.get('role') === 'slave')
    faults.push({
      about: 'kind',
      says: 'The server is a replica and takes no writes.',
      mend: 'Use its primary.',
    })
  return faults
}

function notesOf({ evictionPolicy, appendOnly, appendFsync }: Seen, fields: Fields): Remark[] {
  const notes: Remark[] = []
  if (evictionPolicy === 'unknown')
    notes.push({
      about: 'eviction',
      says: 'The server does not say its maxmemory-policy; it must be noeviction.',
    })
  if (!appendOnly) {
    notes.push({
      about: 'persistence',
      says: 'The server keeps no append-only file: when it stops, all that came after its last snapshot is lost.',
      mend: 'Set appendonly yes where agents must outlive the server.',
    })
  } else if (appendFsync !== 'always') {
    const mend = 'Set appendfsync always where no answered step may be lost.'
    notes.push({ about: 'persistence', says: FSYNC_NOTES[appendFsync], mend })
  }
  const bytes = Number(fields.get('maxmemory') ?? 0)
  if (bytes > 0)
    notes.push({
      about: 'memory',
      says: `The server’s memory is limited to ${Math.round(bytes / 2 ** 20)} MiB: when it is full, steps fail.`,
    })
  return notes
}

const FSYNC_NOTES = {
  everysec:
    'appendfsync is everysec: a crash of the machine or the server may lose up to two seconds of answered steps.',
  no: 'appendfsync is no: a crash of the machine may lose what the system had not written yet, often half a minute.',
  unknown: 'The server forbids CONFIG: how often its append-only file reaches the disk could not be read.',
}
