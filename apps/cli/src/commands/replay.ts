// `cohort replay`: compares the kernel, step by step, with what another implementation computed.
import { CohortError } from '@cohort/contracts'
import { parseFlagsAndWords } from '../flags.js'
import type { FileReport } from '../replay/replay-file.js'
import { type Replayed, type ReplayReport, replayGolden, summary } from '../replay/replay-golden.js'

const HELP = `npm run -s cohort -- replay DIR_OR_FILE [--kernel wasm|reference] [--only NAME,...] [--json]

  Replays golden files (agent runs and function cases) and compares every field that they hold.

  --kernel NAME       wasm: as workers do, the batched kernel where it covers a case (the default); reference: it alone
  --only NAME,...     these files alone, named without .json
  --json              one JSON object on standard output, nothing else

  Exit code 0 if at least one case ran and none failed.`

/** Resolves with the exit code; throws `usage`. */
export async function replay(args: string[]): Promise<number> {
  const options = replayOptions(args)
  if (options === 'help') {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const files = await replayGolden(options)
  const report = summary(files, options.kernel)
  const lines = options.json
    ? [JSON.stringify(report)]
    : [...files.map(lineOf), ...differences(report), total(report)]
  process.stdout.write(`${lines.join('\n')}\n`)
  return report.failed === 0 && report.cases > 0 ? 0 : 1
}

interface ReplayOptions extends Required<Replayed> {
  readonly json: boolean
}

const FLAGS = {
  kernel: { type: 'string', default: 'wasm' },
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

function replayOptions(args: string[]): ReplayOptions | 'help' {
  const { values, positionals } = parseFlagsAndWords(args, FLAGS)
  if (values.help === true) return 'help'
  const [path, ...more] = positionals
  if (path === undefined || more.length > 0) {
    throw new CohortError('usage', `replay takes one file or folder, got ${positionals.length}`)
  }
  const { kernel } = values
  if (kernel !== 'reference' && kernel !== 'wasm')
    throw new CohortError('usage', `--kernel: there is no kernel '${kernel}', only 'wasm' and 'reference'`)
  const only = values.only?.split(',').filter((name) => name !== '') ?? []
  if (values.only !== undefined && only.length === 0) throw new CohortError('usage', '--only names no file')
  return { path, only, kernel, json: values.json }
}

function lineOf(report: FileReport): string {
  if ('skipped' in report) return `skipped  ${report.file}: ${report.skipped}`
  const { file, cases, failed, maxError } = report
  return `${failed === 0 ? 'ok     ' : 'FAILED '}  ${file}: ${counted(cases, 'case')}, largest error ${maxError}`
}

const differences = ({ failures }: ReplayReport): string[] =>
  failures.map(({ file, case: name, step, field, got, expected }) => {
    const at = step === null ? '' : `, step ${step}`
    return `  ${file}, ${name}${at}: ${field} is ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`
  })

function total({ ranOn, files, cases, failed, maxError, skipped }: ReplayReport): string {
  const on = `${ranOn.wasm} on kernel wasm, ${ranOn.reference} on kernel reference`
  const ran = `${counted(cases, 'case')} in ${counted(files, 'file')}, ${on}`
  return `${ran}: ${failed} failed, largest error ${maxError}, ${counted(skipped.length, 'file')} skipped`
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
