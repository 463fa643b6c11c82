// `npm run demo`: a swarm finds its goals over HTTP, in a system of its own, and every step is counted.
import { Cohort } from '@cohort/client'
import { type CliConfig, readConfig } from '../config.js'
import { runLoop } from '../demo/closed-loop.js'
import { addAccounts } from '../demo/ledger.js'
import { Meter } from '../demo/meter.js'
import { DEMO_HELP, type DemoOptions, demoOptions } from '../demo/options.js'
import { type DemoReport, goalFigures, holds, introduction, sentences } from '../demo/report.js'
import { Swarm } from '../demo/swarm.js'
import { startSystem, type System } from '../system.js'
import { untilStopped } from '../stop-signal.js'
import { frameOf, slowest, type View } from '../view/frame.js'
import { plainView } from '../view/plain-view.js'
import { terminalView } from '../view/terminal-view.js'

/** Slow enough to watch. */
const TERMINAL_PACE_MS = 100

export async function demo(args: readonly string[]): Promise<number> {
  const options = demoOptions(args)
  if (options === 'help') {
    process.stdout.write(`${DEMO_HELP}\n`)
    return 0
  }
  return untilStopped(
    async (signal) => {
      const report = await inSystem(options, readConfig(), signal)
      if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`)
      return holds(report) ? 0 : 1
    },
    () => outOf(options).write('stopped\n'),
  )
}

/** Whatever happens in between: the terminal is as it was, and nothing that was started is left. */
async function inSystem(options: DemoOptions, config: CliConfig, signal: AbortSignal): Promise<DemoReport> {
  const view = openView(options)
  try {
    const say = (line: string) => view.line(line)
    const { workers, verbose } = options
    const system = await startSystem({ config, workers, anyPort: true, verbose, say }, signal)
    try {
      return await run({ options, system, view, signal: AbortSignal.any([signal, system.broken]) })
    } finally {
      await system.stop()
    }
  } finally {
    view.close()
  }
}

interface Run {
  readonly options: DemoOptions
  readonly system: System
  readonly view: View
  readonly signal: AbortSignal
}

async function run({ options, system, view, signal }: Run): Promise<DemoReport> {
  const { agents, ticks, seed, workers } = options
  const threads = workers * system.threadsEach
  for (const sentence of introduction(options, system)) view.line(sentence)
  const cohort = new Cohort({ url: system.url })
  await cohort.ready({ signal })
  const swarm = new Swarm({ cohort, agents, seed })
  const meter = new Meter(() => performance.now())
  try {
    await swarm.create(signal)
    const { squads } = swarm
    const onTick = () => view.show(slowest(squads), () => frameOf(squads, ticks, meter.rates))
    view.show(0, () => frameOf(squads, ticks, meter.rates))
    const paceMs = options.paceMs ?? (showsTerminal(options) ? TERMINAL_PACE_MS : 0)
    await runLoop({ cohort, swarm, ticks, meter, paceMs, onTick, signal })
    view.close()
    await swarm.count(signal)
    const account = addAccounts(swarm.troops.map(({ ledger }) => ledger.account))
    const report = { agents, ticks, workers, threads, ...account, ...goalFigures(squads), ...meter.rates }
    for (const sentence of sentences(report)) view.line(sentence)
    return report
  } finally {
    const left = await swarm.delete()
    if (left.length > 0) view.line(`could not be deleted: population ${left.join(', ')}`)
  }
}

const showsTerminal = ({ json }: DemoOptions): boolean => process.stdout.isTTY && !json

/** With `--json` the standard output is for the report alone. */
const outOf = ({ json }: DemoOptions) => (json ? process.stderr : process.stdout)

function openView(options: DemoOptions): View {
  if (showsTerminal(options)) {
    return terminalView({ terminal: process.stdout, ticks: options.ticks, nowMs: () => performance.now() })
  }
  return plainView({ write: (text) => outOf(options).write(text), ticks: options.ticks })
}
