// doctor, area redis, where there is none to examine: the server that `up` and the demo would start.
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findRedisServer, isRecentServer } from '@cohort/store'
import { CohortError } from '@cohort/contracts'
import type { CliConfig } from '../config.js'
import type { Check } from './check.js'
import { EVERY_SECOND } from './redis.js'

export interface OwnRedisFacts {
  /** The program's path; undefined where there is none. */
  readonly program: string | undefined
  /** How it was found, in words. */
  readonly where: string
  /** What it says of itself, `Redis server v=7.0.15 …`, or why it says nothing. */
  readonly says: { readonly version: string } | { readonly reason: string }
  readonly data: string
  readonly exists: boolean
  readonly writable: boolean
}

const VERSION_MS = 3_000
/** Where the first start puts one, if the machine has none: `tools/redis.mjs`. */
const UNPACKED = fileURLToPath(new URL('../../../../.cohort/redis', import.meta.url))
const BY_US = 'unpacked there by the first start, since none is installed'

export async function ownRedisFacts({ path, redisServer, dir }: CliConfig): Promise<OwnRedisFacts> {
  const data = join(dir, 'data')
  const where = redisServer === undefined ? 'found on PATH' : 'named by COHORT_REDIS_SERVER'
  const folder = { data, exists: existsSync(data), writable: isWritable(data), where }
  try {
    const program = findRedisServer(path, redisServer)
    if (program === undefined)
      return { program, says: { reason: 'there is no redis-server on PATH' }, ...folder }
    const unpacked = dirname(program) === UNPACKED ? { where: BY_US } : {}
    return { program, says: await versionOf(program), ...folder, ...unpacked }
  } catch (error) {
    if (!(error instanceof CohortError)) throw error
    return { program: undefined, says: { reason: `${error.message} (COHORT_REDIS_SERVER)` }, ...folder }
  }
}

async function versionOf(program: string): Promise<OwnRedisFacts['says']> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: VERSION_MS })
    const version = /\bv=(\S+)/.exec(stdout)?.[1]
    return version === undefined ? { reason: `it is no Redis server: ${stdout.split('\n')[0]}` } : { version }
  } catch (error) {
    return { reason: `it does not start: ${String(error)}` }
  }
}

/** The folder, or the first one above it that exists: what is missing is made. */
function isWritable(folder: string): boolean {
  if (!existsSync(folder) && dirname(folder) !== folder) return isWritable(dirname(folder))
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return statSync(folder).isDirectory() && !OF_THE_SYSTEM.has(statfsSync(folder).type)
  } catch {
    return false
  }
}

/** File systems of Linux where nobody makes a file, though root is told that he may: proc, sysfs, cgroup2. */
const OF_THE_SYSTEM: ReadonlySet<number> = new Set([0x9fa0, 0x62656572, 0x63677270])

const area = 'redis'

export function ownRedisChecks(facts: OwnRedisFacts): Check[] {
  const server = serverCheck(facts)
  const kept = 'append-only file, fsync everysec; nothing is evicted'
  return [
    server,
    ...(server.status === 'fault'
      ? []
      : [{ area, name: 'persistence', status: 'ok', found: kept, chosen: EVERY_SECOND } as const]),
    dataCheck(facts),
  ]
}

function serverCheck({ program, says, where }: OwnRedisFacts): Check {
  const check = { area, name: 'server' } as const
  const given = 'REDIS_URL is not given'
  if (program === undefined || 'reason' in says) {
    const why = 'reason' in says ? says.reason : ''
    const found = program === undefined ? `${given}, and no server program is there` : `${given}; ${program}`
    return { ...check, status: 'fault', found, why, mend: INSTALL }
  }
  const found = `${given}; ${program}, version ${says.version}, ${where}`
  if (!isRecentServer(says.version))
    return { ...check, status: 'fault', found, why: '6.2 or later is needed', mend: INSTALL }
  return {
    ...check,
    status: 'ok',
    found,
    chosen: '`up` and the demo start it on a free port of this machine',
  }
}

const INSTALL =
  'Install redis-server (or valkey-server), name one in COHORT_REDIS_SERVER, or give a REDIS_URL; ' +
  '`npm run -s cohort -- up` gets one by itself where there is apt or Homebrew.'

function dataCheck({ data, exists, writable }: OwnRedisFacts): Check {
  const check = { area, name: 'data' } as const
  if (!writable) {
    const mend = 'Give this user the right to write there, or name another folder in COHORT_DIR.'
    return { ...check, status: 'fault', found: `${data} cannot be written`, mend }
  }
  return { ...check, status: 'ok', found: exists ? data : `${data}, made when it is needed` }
}
