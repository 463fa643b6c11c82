// doctor, area settings: the environment, read as the producer and the worker read it, faults and all.
import {
  type Environment,
  type Fault,
  faultLine,
  nearest,
  producerSettings,
  Variables,
  type WorkerSettings,
  workerSettings,
} from '@cohort/contracts'
import { telemetrySettings, type TracingSettings } from '@cohort/telemetry/settings'
import { readConfig } from '../config.js'
import type { Check } from './check.js'

/** What does not fit is as if it were not set, and is a check of its own. */
export interface Settings {
  readonly threads: number | undefined
  readonly pinning: WorkerSettings['pinning']
  readonly arenaBytes: number
  /** Undefined: nothing is traced. */
  readonly tracing: TracingSettings | undefined
  /** Names alone: values may be secrets. */
  readonly set: readonly string[]
  readonly faults: readonly Fault[]
  /** Names that look like ours and that nothing reads, each with the one that may be meant. */
  readonly unread: readonly { readonly name: string; readonly meant: string | undefined }[]
}

/** Read by `tools/`, before any of this runs. */
const READ_BEFORE = ['COHORT_NO_INSTALL']

export function readSettings(env: Environment): Settings {
  const { watched, asked } = watching(env)
  const faults: Fault[] = []
  // Without a REDIS_URL `up` and the demo give the processes that of a server of their own.
  const from = new Variables(watched(env['REDIS_URL'] ? {} : { REDIS_URL: 'redis://127.0.0.1' }), faults)
  producerSettings(from)
  const { threads, pinning, arenaBytes } = workerSettings(from)
  const { tracing } = telemetrySettings(from)
  readConfig(watched({}))
  const set = Object.keys(env).filter((name) => env[name])
  const known = [...asked, ...READ_BEFORE].filter(isOurs)
  const unread = set.filter((name) => isOurs(name) && !known.includes(name))
  return {
    threads,
    pinning,
    arenaBytes,
    tracing,
    set: set.filter((name) => /^(COHORT_|OTEL_|(REDIS_URL|PORT|HOST)$)/.test(name)).toSorted(),
    // Both apps read what they have in common.
    faults: [...new Map(faults.map((fault) => [faultLine(fault), fault])).values()],
    unread: unread.toSorted().map((name) => ({ name, meant: meantBy(name, known) })),
  }
}

const OURS = 'COHORT_'
const isOurs = (name: string): boolean => name.startsWith(OURS)

/** What all names begin with makes none of them nearer. */
function meantBy(name: string, known: readonly string[]): string | undefined {
  const [written = '', ...names] = [name, ...known].map((one) => one.slice(OURS.length))
  const meant = nearest(written, names)
  return meant === undefined ? undefined : OURS + meant
}

/** `watched(more)`: the environment with `more`, which notes in `asked` each name that a reader asks it for. */
function watching(env: Environment) {
  const asked = new Set<string>()
  const get = (target: Environment, name: string) => {
    asked.add(name)
    return target[name]
  }
  return { asked, watched: (more: Environment) => new Proxy<Environment>({ ...env, ...more }, { get }) }
}

export function settingsChecks({
  set,
  faults,
  unread,
}: Pick<Settings, 'set' | 'faults' | 'unread'>): Check[] {
  const check = { area: 'settings', name: 'environment' } as const
  const notes = unread.map(({ name, meant }): Check => {
    const found = `${name} is set, and neither a command nor a producer or worker reads it`
    return { ...check, status: 'note', found, mend: `${meant ? `Is ${meant} meant? ` : ''}${PAGE}` }
  })
  if (faults.length > 0)
    return [
      ...faults.map((fault): Check => {
        const mend = `Change or unset it; ${PAGE}`
        return { ...check, status: 'fault', found: faultLine(fault), mend }
      }),
      ...notes,
    ]
  const found = set.length === 0 ? 'no variable is set' : `set: ${set.join(', ')}`
  return [{ ...check, status: 'ok', found, ...(set.length === 0 ? DEFAULTS : {}) }, ...notes]
}

const PAGE = 'docs/reference/environment.md has them all.'
const DEFAULTS = { chosen: 'every setting has its default' }
