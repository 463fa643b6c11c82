// A command's flags: parsed strictly, each fault a sentence that names the flag.
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { CohortError } from '@cohort/contracts'

/** The flags of `options` and `--help`, no others, no positional arguments; throws `usage`. */
export function parseFlags<T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      strict: true,
    }).values
  } catch (cause) {
    // Node's second sentence explains how to pass positional arguments, of which there are none.
    const sentence = cause instanceof Error ? cause.message.split('. ')[0] : String(cause)
    throw new CohortError('usage', `${sentence}`, { cause })
  }
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
