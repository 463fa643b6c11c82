// Asks a Redis server, at the start of a process, whether it can be used and what its settings mean for the data.
import { CohortError } from '@cohort/contracts'
import type { Redis } from 'ioredis'

interface ServerFacts {
  readonly software: 'redis' | 'valkey'
  readonly version: string
  /** `unknown` where the server does not say. */
  readonly evictionPolicy: string
  readonly appendOnly: boolean
  /** `unknown` where the server does not let its settings be read. */
  readonly appendFsync: 'always' | 'everysec' | 'no' | 'unknown'
  /** Why the server cannot be used, a sentence each. */
  readonly faults: readonly string[]
  /** What a user should know of it, a sentence each. */
  readonly notes: readonly string[]
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
  if (faults.length > 0) throw new CohortError('redis_unfit', faults.join(' '))
  log.info('connected to Redis', { software, version, appendOnly, appendFsync })
  for (const note of notes) log.warn(note)
}

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

function faultsOf({ software, version, evictionPolicy }: Seen, fields: Fields): string[] {
  const faults: string[] = []
  if (!isRecent(version))
    faults.push(`The ${software} server is version ${version}; ${OLDEST.join('.')} or later is needed.`)
  if (evictionPolicy !== 'noeviction' && evictionPolicy !== 'unknown') {
    faults.push(
      `maxmemory-policy is ${evictionPolicy}: the server would drop agents and the locks of jobs ` +
        'when its memory is full. Set it to noeviction.',
    )
  }
  if (fields.get('cluster_enabled') === '1')
    faults.push('The server is part of a cluster; a single server is needed.')
  if (fields.get('role') === 'slave')
    faults.push('The server is a replica and takes no writes; use its primary.')
  return faults
}

function notesOf({ evictionPolicy, appendOnly, appendFsync }: Seen, fields: Fields): string[] {
  const notes: string[] = []
  if (evictionPolicy === 'unknown')
    notes.push('The server does not say its maxmemory-policy; it must be noeviction.')
  if (!appendOnly) {
    notes.push(
      'The server keeps no append-only file: when it stops, all that came after its last snapshot is lost.',
    )
  } else if (appendFsync !== 'always') notes.push(FSYNC_NOTES[appendFsync])
  const bytes = Number(fields.get('maxmemory') ?? 0)
  if (bytes > 0)
    notes.push(
      `The server’s memory is limited to ${Math.round(bytes / 2 ** 20)} MiB: when it is full, steps fail.`,
    )
  return notes
}

const FSYNC_NOTES = {
  everysec:
    'appendfsync is everysec: a crash of the machine or the server may lose up to two seconds of answered steps.',
  no: 'appendfsync is no: a crash of the machine may lose what the system had not written yet, often half a minute.',
  unknown: 'The server forbids CONFIG: how often its append-only file reaches the disk could not be read.',
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}
