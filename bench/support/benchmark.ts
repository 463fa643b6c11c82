// What `npm run -s bench -- NAME` runs.
import type { Findings } from './report.js'

export interface RunOptions {
  /** Those of `Benchmark.cases` that are wanted. */
  readonly cases: readonly string[]
  /** How often each thing that is compared is measured. */
  readonly rounds: number
  /** About as long as each measurement takes. */
  readonly seconds: number
  /** Aborted by who does not want to wait. */
  readonly signal: AbortSignal
  /** What a person may want to know meanwhile. */
  say(line: string): void
}

export interface Benchmark {
  readonly does: string
  /** The names of its cases. */
  readonly cases: readonly string[]
  /** Where they are not told: how often each variant is measured, and how long. */
  readonly defaults: Pick<RunOptions, 'rounds' | 'seconds'>
  /** Rejects where an answer is wrong: then there is no figure. */
  run(options: RunOptions): Promise<Findings>
}
