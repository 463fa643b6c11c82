// How often the kernel stopped this process because its CPU quota was used up. Told by metrics and the doctor
import { dirname, join } from 'node:path'
import { readKernelFile } from './kernel-file.js'
import { cpuQuotas } from './quota.js'

export interface Throttling {
  /** Periods of a quota in which somebody of its group ran. */
  readonly periods: number
  /** Those in which the time was used up and all stood still. */
  readonly throttled: number
  /** Time that they stood still, added up over the CPUs. */
  readonly seconds: number
}

/**
 * Of all groups of this process that have a quota, as long as they exist: their other processes are counted, too.
 * Undefined where none has a quota, or none says. `root` stands for `/`, for trees recorded elsewhere.
 */
export function readThrottling(root = '/'): Throttling | undefined {
  // A hierarchy that is mounted twice is seen twice.
  const folders = new Set(cpuQuotas(root).map(({ file }) => dirname(file)))
  const told = [...folders].flatMap(
    (folder) => countsIn(readKernelFile(join(root, folder, 'cpu.stat'))) ?? [],
  )
  if (told.length === 0) return undefined
  const sum = (of: keyof Throttling) => told.reduce((total, counts) => total + counts[of], 0)
  return { periods: sum('periods'), throttled: sum('throttled'), seconds: sum('seconds') }
}

/** Lines of a name and a number; version 2 tells the time in microseconds, version 1 in nanoseconds. */
function countsIn(text: string | undefined): Throttling | undefined {
  const lines = (text ?? '').split('\n').map((line) => line.split(' '))
  const counts = new Map(lines.map(([name = '', count]) => [name, Number(count)]))
  const [periods, throttled] = [counts.get('nr_periods'), counts.get('nr_throttled')]
  if (periods === undefined || throttled === undefined) return undefined
  const seconds = (counts.get('throttled_usec') ?? 0) / 1e6 + (counts.get('throttled_time') ?? 0) / 1e9
  return { periods, throttled, seconds }
}
