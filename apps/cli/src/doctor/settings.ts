// doctor, area settings: the environment, read as the producer and the worker read it, faults and all.
import { type Environment, type Fault, faultLine, Variables } from '@cohort/contracts'
import { readTracing, type TracingSettings } from '@cohort/telemetry/settings'
import type { Check } from './check.js'

/** What does not fit is as if it were not set, and is a check of its own. */
export interface Settings {
  readonly threads: number | undefined
  readonly pinning: boolean
  readonly arenaBytes: number
  /** Undefined: nothing is traced. */
  readonly tracing: TracingSettings | undefined
  /** Names alone: values may be secrets. */
  readonly set: readonly string[]
  readonly faults: readonly Fault[]
}

export function readSettings(env: Environment): Settings {
  const faults: Fault[] = []
  const from = new Variables(env, faults)
  const settings = {
    threads: from.threads(),
    pinning: from.pinning(),
    arenaBytes: from.arenaBytes(),
    tracing: readTracing(from),
  }
  // Read for their faults: what they are set to is nothing that a machine has an opinion on.
  from.limits()
  from.resultTtlSeconds()
  from.drainMs()
  if (env['REDIS_URL']) from.redisUrl()
  const set = Object.keys(env).filter((name) => /^(COHORT_|OTEL_|REDIS_URL$)/.test(name) && env[name])
  return { ...settings, set: set.toSorted(), faults }
}

export function settingsChecks({ set, faults }: Pick<Settings, 'set' | 'faults'>): Check[] {
  if (faults.length > 0)
    return faults.map((fault) => ({
      area: 'settings',
      name: 'environment',
      status: 'fault',
      found: faultLine(fault),
      mend: 'Change or unset it; docs/reference/environment.md has them all.',
    }))
  const found = set.length === 0 ? 'no variable is set' : `set: ${set.join(', ')}`
  return [
    { area: 'settings', name: 'environment', status: 'ok', found, ...(set.length === 0 ? DEFAULTS : {}) },
  ]
}

const DEFAULTS = { chosen: 'every setting has its default' }
