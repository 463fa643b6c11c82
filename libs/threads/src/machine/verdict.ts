// What `cohort doctor --measure` found of pinning on this machine: kept in a file, and read before threads are pinned.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { cpusOf, type Topology } from './topology.js'

/** Below it pinned threads are slower than what runs of the same differ by, and threads are left unpinned. */
const LEAST_PINNING_RATIO = 0.98

export interface Verdict {
  /** Of this machine, as long as these CPUs are those that a process may use, ascending. */
  readonly host: string
  readonly cpus: readonly number[]
  /** So many threads computed. */
  readonly threads: number
  /** Steps a second of pinned threads by those of unpinned ones. */
  readonly ratio: number
  /** ISO 8601. */
  readonly at: string
}

const isOfHere = ({ host, cpus }: Pick<Verdict, 'host' | 'cpus'>, topology: Topology): boolean =>
  host === hostname() && cpus.join() === sorted(topology).join()

export const verdictOf = (
  measured: Pick<Verdict, 'threads' | 'ratio' | 'at'>,
  topology: Topology,
): Verdict => ({
  host: hostname(),
  cpus: sorted(topology),
  ...measured,
})

/** `dir` is that of COHORT_DIR. Throws where it cannot be written. */
export function writeVerdict(dir: string, verdict: Verdict): void {
  const file = fileIn(dir)
  mkdirSync(dirname(file), { recursive: true })
  // Whole or not at all: a worker that starts now never sees half of it.
  writeFileSync(`${file}.new`, `${JSON.stringify(verdict)}\n`)
  renameSync(`${file}.new`, file)
}

/** The last one that was written there, if it is of this machine and of these CPUs. */
export function readVerdict(dir: string, topology: Topology): Verdict | undefined {
  try {
    const verdict: unknown = JSON.parse(readFileSync(fileIn(dir), 'utf8'))
    return isVerdict(verdict) && isOfHere(verdict, topology) ? verdict : undefined
  } catch {
    // Nobody has measured, or the file is damaged.
    return undefined
  }
}

/** Why threads are better left unpinned, a sentence; undefined where they are not, or nobody has measured. */
export function slowerPinned(verdict: Verdict | undefined): string | undefined {
  if (verdict === undefined || verdict.ratio >= LEAST_PINNING_RATIO) return undefined
  const { ratio, at } = verdict
  return `pinned threads were ${ratio.toFixed(3)} times as fast as unpinned ones here (doctor --measure, ${at})`
}

const fileIn = (dir: string): string => join(dir, 'pinning.json')

const sorted = (topology: Topology): number[] => cpusOf(topology).toSorted((a, b) => a - b)

function isVerdict(value: unknown): value is Verdict {
  if (typeof value !== 'object' || value === null) return false
  const { host, cpus, threads, ratio, at } = value as Partial<Record<keyof Verdict, unknown>>
  return (
    typeof host === 'string' &&
    Array.isArray(cpus) &&
    cpus.every((cpu) => Number.isSafeInteger(cpu)) &&
    Number.isSafeInteger(threads) &&
    typeof ratio === 'number' &&
    Number.isFinite(ratio) &&
    ratio > 0 &&
    typeof at === 'string'
  )
}
