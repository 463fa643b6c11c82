// Runs a part of `cohort doctor`: where it throws, that is a finding too, and the others are shown all the same.
import type { Check } from './check.js'

/** Never rejects. */
export async function probed(
  area: Check['area'],
  probe: () => readonly Check[] | Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await probe()
  } catch (error) {
    const found = `it could not be looked at: ${whereOf(error)}`
    const mend = 'This is a fault of the doctor: please report it.'
    return [{ area, name: AREA_NAMES[area], status: 'fault', found, mend }]
  }
}

/** The check of each area that is always there. */
const AREA_NAMES: Readonly<Record<Check['area'], string>> = {
  node: 'version',
  settings: 'environment',
  machine: 'CPUs',
  pinning: 'threads',
  memory: 'arena',
  system: 'running',
  redis: 'server',
  kernel: 'kernel',
  telemetry: 'traces',
  workers: 'workers',
}

/** Which error, and where it was thrown. Its message may quote a secret of the environment. */
function whereOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an error'
  const frame = error.stack?.split('\n').find((line) => /^ {4}at /.test(line))
  return `${error.name}${frame?.replace(/^ +/, ' ') ?? ''}`
}
