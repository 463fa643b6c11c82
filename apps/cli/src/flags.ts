// A command's flags: parsed strictly, each fault a sentence that names the flag.
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { CohortError } from '@cohort/contracts'
import { didYouMean } from './nearest.js'
import { refuseKeptByNpm } from './npm-flags.js'

/** The flags of `options` and `--help`, no others, no positional arguments; throws `usage`. */
export const parseFlags = <T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) =>
  parsed(args, options, false).values

/** The same where words may stand between them: `positionals`, in their order. */
export const parseFlagsAndWords = <T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) =>
  parsed(args, options, true)

function parsed<T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
  allowPositionals: boolean,
) {
  refuseKeptByNpm(options)
  try {
    return parseArgs({
      args: joined(args, options),
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      strict: true,
      allowPositionals,
    })
  } catch (cause) {
    throw new CohortError('usage', sentenceOf(cause, Object.keys(options)), { cause })
  }
}

/**
 * `--agents -5` as `--agents=-5`: Node takes -5 for a flag, and the refusal should name the bounds. The same for
 * `-,0`, observations of which the first is missing.
 */
function joined(args: readonly string[], options: ParseArgsOptionsConfig): string[] {
  return args.flatMap((arg, i) => {
    const isValue = (at: number) =>
      /^-[\d,;]/.test(args[at] ?? '') && options[args[at - 1]?.replace(/^--/, '') ?? '']?.type === 'string'
    if (isValue(i)) return []
    return isValue(i + 1) ? [`${arg}=${args[i + 1]}`] : [arg]
  })
}

function sentenceOf(cause: unknown, names: readonly string[]): string {
  if (!(cause instanceof Error)) return String(cause)
  const flag = /^Option '(?:-\w, )?(--[\w-]+)(?: <value>)?' argument (?:missing|is ambiguous)/.exec(
    cause.message,
  )
  if (flag !== null) return `${flag[1]} needs a value`
  const unknown = /^Unknown option '--([\w-]+)'/.exec(cause.message)?.[1]
  const meant = unknown === undefined ? '' : didYouMean(unknown, names, '--')
  // Node's second sentence explains how to pass positional arguments, of which there are none.
  return `${cause.message.split('. ')[0] ?? ''}${meant}`
}

export interface IntegerFlag {
  readonly name: string
  readonly least: number
  readonly most: number
  readonly otherwise: number
}

/** An integer within its bounds, or the default where the flag was left out; throws `usage`. */
export function integerFlag(text: string | undefined, { name, least, most, otherwise }: IntegerFlag): number {
  if (text === undefined) return otherwise
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new CohortError('usage', `--${name} must be an integer from ${least} to ${most}, got '${text}'`)
}
