// What `cohort doctor` finds out: a check each, as data. Printed by print.ts

/** In the order in which they are shown. */
export const AREAS = [
  'node',
  'settings',
  'machine',
  'pinning',
  'memory',
  'system',
  'redis',
  'kernel',
  'telemetry',
  'workers',
] as const

/**
 * `ok`: as it should be. `note`: Cohort runs, and a person should know. `off`: not in use. `fault`: must be changed
 * first.
 */
export type Status = 'ok' | 'note' | 'off' | 'fault'

export interface Check {
  readonly area: (typeof AREAS)[number]
  /** One word or two, the same on every machine. */
  readonly name: string
  readonly status: Status
  readonly found: string
  /** What Cohort makes of it. */
  readonly chosen?: string
  /** The reason of what was chosen, or of what is off. */
  readonly why?: string
  /** What to do about it. */
  readonly mend?: string
}

export interface DoctorReport {
  /** No check is a fault. */
  readonly ok: boolean
  readonly checks: readonly Check[]
}

export const reportOf = (checks: readonly Check[]): DoctorReport => ({
  ok: checks.every(({ status }) => status !== 'fault'),
  checks: checks.toSorted((a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area)),
})
