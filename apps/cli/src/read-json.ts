// A file that a command is given: JSON, or a sentence that says what is wrong with it.
import { readFile } from 'node:fs/promises'
import { CohortError } from '@cohort/contracts'

/** Throws `usage` where there is no such file or it is not JSON. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CohortError('usage', `${path} cannot be read as JSON: ${reason}`, { cause })
  }
}
