// What `npm run -s bench -- NAME` runs: the table of benchmarks, their flags, and what becomes of their errors.
import { integerFlag, parseFlags, untilStopped } from '@cohort/cli'
import { CohortError } from '@cohort/contracts'
import { ablation } from './ablation.js'
import { kernel } from './kernel.js'
import { locks } from './locks.js'
import { memory } from './memory.js'
import { policies } from './policies.js'
import { scaling } from './scaling.js'
import { seed } from './seed.js'
import type { Benchmark } from './support/benchmark.js'
import { commitId, machineFacts } from './support/machine.js'
import { markdownOf, type Report, tableOf } from './support/report.js'
import { telemetry } from './telemetry.js'

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  ablation,
  kernel,
  locks,
  memory,
  policies,
  scaling,
  seed,
  telemetry,
}

const LIST = Object.entries(BENCHMARKS).map(([name, { does }]) => `  ${name.padEnd(12)} ${does}`)
const HELP = [
  'npm run -s bench -- NAME [flags]',
  '',
  ...LIST,
  '',
  '  --json        one JSON object on standard output, and nothing else there',
  '  --markdown    its rows and ratios as tables for a page',
  '  --rounds N    how often each variant is measured',
  '  --seconds S   about as long as each measurement is',
  '  --case NAME   this case alone; may be given again',
  '  --list        the names, one a line; of a benchmark, its cases',
  '',
  'Exit codes: 0 all answers were right, 1 some were not (and there is no figure), 2 not understood.',
].join('\n')

const FLAGS = {
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  case: { type: 'string', multiple: true },
  list: { type: 'boolean' },
} as const

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name.startsWith('-'))
    return withoutName(name === undefined ? [] : [name, ...args])
  const flags = parseFlags(args, FLAGS)
  if (flags.help === true) return print(HELP)
  const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined
  if (benchmark === undefined) throw new CohortError('usage', `there is no benchmark '${name}'`)
  if (flags.list === true) return print(benchmark.cases.join('\n'))
  const { defaults } = benchmark
  const rounds = integerFlag(flags.rounds, {
    name: 'rounds',
    least: 1,
    most: 1000,
    otherwise: defaults.rounds,
  })
  const seconds = secondsFlag(flags.seconds, defaults.seconds)
  const cases: readonly string[] = flags.case ?? benchmark.cases
  const unknown = cases.find((one) => !benchmark.cases.includes(one))
  if (unknown !== undefined) {
    throw new CohortError('usage', `there is no case '${unknown}': ${benchmark.cases.join(', ')}`)
  }
  const say = (line: string) => void process.stderr.write(`${line}\n`)
  return untilStopped(async (signal) => {
    const findings = await benchmark.run({ cases, rounds, seconds, signal, say })
    const report: Report = { name, machine: machineFacts(), commit: commitId(), ...findings }
    if (flags.json === true) return print(JSON.stringify(report))
    return print(flags.markdown === true ? markdownOf(report) : tableOf(report))
  })
}

function withoutName(args: readonly string[]): number {
  const flags = parseFlags(args, FLAGS)
  if (flags.list === true) return print(Object.keys(BENCHMARKS).join('\n'))
  if (flags.help === true) return print(HELP)
  throw new CohortError('usage', 'name a benchmark')
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

function secondsFlag(text: string | undefined, otherwise: number): number {
  const seconds = text === undefined ? otherwise : /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
  if (seconds >= 0.1 && seconds <= 600) return seconds
  throw new CohortError('usage', `--seconds must be a number from 0.1 to 600, got '${text}'`)
}

/** A person reads these: no stack for what is known, all of it for what is not. */
function report(error: unknown): number {
  const known = error instanceof CohortError
  const usage = known && error.code === 'usage'
  const told = known ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`bench: ${told}\n${usage ? `${HELP}\n` : ''}`)
  return usage ? 2 : 1
}

// An IPC channel to whoever started us must not keep us alive when the work is done.
process.channel?.unref()
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.exitCode = report(error)
}
