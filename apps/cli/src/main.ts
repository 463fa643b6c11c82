// What `npm run -s cohort -- NAME` runs: the table of commands, and what becomes of their errors.
import { CohortError, faultSaid } from '@cohort/contracts'
import { demo } from './commands/demo.js'
import { doctor } from './commands/doctor.js'
import { explain } from './commands/explain.js'
import { producer } from './commands/producer.js'
import { replay } from './commands/replay.js'
import { up } from './commands/up.js'
import { worker } from './commands/worker.js'
import { didYouMean } from './nearest.js'

interface Command {
  readonly does: string
  /** Resolves with the exit code. */
  run(args: string[]): Promise<number>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  demo: { does: 'a swarm finds its goals, through HTTP, queue, workers and threads', run: demo },
  up: { does: 'a producer and workers, with a Redis of their own where none is given', run: up },
  producer: { does: 'one producer in the foreground, on REDIS_URL', run: producer },
  worker: { does: 'one worker in the foreground, on REDIS_URL', run: worker },
  doctor: { does: 'what was found and chosen on this machine, and why anything is off', run: doctor },
  replay: { does: 'compares the kernel with golden files', run: replay },
  explain: { does: 'what one agent makes of what it sees, and why', run: explain },
}

const HELP = [
  'npm run -s cohort -- COMMAND [flags]',
  '',
  ...Object.entries(COMMANDS).map(([name, { does }]) => `  ${name.padEnd(10)} ${does}`),
  '',
  'cohort COMMAND --help says more.',
  'Exit codes: 0 it holds, 1 it does not, 2 not understood, 130 stopped by Ctrl-C.',
].join('\n')

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const out = name === undefined ? process.stderr : process.stdout
    out.write(`${HELP}\n`)
    return name === undefined ? 2 : 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    const meant = didYouMean(name, Object.keys(COMMANDS))
    throw new CohortError('usage', `there is no command '${name}'${meant}`)
  }
  return command.run(args)
}

/** A person reads these: no stack for what is theirs or the machine's, all of it for what is ours. */
function report(error: unknown, name: string | undefined): number {
  if (!(error instanceof CohortError)) {
    process.stderr.write(`cohort: ${error instanceof Error ? error.stack : String(error)}\n`)
    return 1
  }
  // The SDK's messages hold the first faults already.
  const unsaid = error.errors.filter(({ path, message }) =>
    [' ', ': '].every((between) => !error.message.includes(`${path}${between}${message}`)),
  )
  const faults = unsaid.map((fault) => `  ${faultSaid({ ...fault, path: fault.path || 'it' })}\n`).join('')
  const help =
    error.code === 'usage' ? `See npm run -s cohort -- ${name === undefined ? '' : `${name} `}--help\n` : ''
  process.stderr.write(`cohort: ${error.message}\n${faults}${help}`)
  return error.code === 'usage' ? 2 : 1
}

const args = process.argv.slice(2)
// An IPC channel to whoever started us must not keep us alive when the work is done.
process.channel?.unref()
try {
  process.exitCode = await main(args)
} catch (error) {
  const known = args[0] !== undefined && Object.hasOwn(COMMANDS, args[0])
  process.exitCode = report(error, known ? args[0] : undefined)
}
