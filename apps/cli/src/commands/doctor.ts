// `cohort doctor`: says what was found and chosen on this machine, and why anything is off. It changes nothing.
import { styleText } from 'node:util'
import { readConfig } from '../config.js'
import { examine } from '../doctor/examine.js'
import { reportLines } from '../doctor/print.js'
import { parseFlags } from '../flags.js'

const HELP = `cohort doctor [--measure] [--json] — what was found and chosen here, and why anything is off

  ✓ ok     as it should be
  ! note   Cohort runs, and you should know
  – off    not in use
  ✗ fault  must be changed first

  --measure   first compares pinned with unpinned compute threads on this machine, for some four seconds, and keeps
              what came of it in .cohort/pinning.json: where pinned ones are slower, workers leave them unpinned
  --json      one JSON object on standard output, nothing else there: {ok, checks: [{area, name, status, found,
              chosen?, why?, mend?}]}

Looks at Node, settings, CPUs and their quota, pinning (a thread is pinned and read back), memory, what \`up\` or the
demo runs in this folder, Redis (REDIS_URL, or that of what runs here, or the server that would be started), kernel,
telemetry, producers and workers. Changes nothing; --measure claims the cores that a worker would, and gives them back.
Exits 0 if Cohort can run as it is, 1 if something must be changed first.`

/** Resolves with the exit code; throws `usage`. */
export async function doctor(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, { json: { type: 'boolean' }, measure: { type: 'boolean' } })
  if (flags.help === true) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const report = await examine(readConfig(), { measure: flags.measure === true })
  const lines = flags.json === true ? [JSON.stringify(report)] : reportLines(report, styleText)
  process.stdout.write(`${lines.join('\n')}\n`)
  return report.ok ? 0 : 1
}
