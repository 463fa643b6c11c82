// The set-ups of the seed document's benchmarks, ours beside pymdp: agents that sleep, explorers, fresh processes.
import { EXPLORERS, explore, type Found, startUp } from './seed/explorers.js'
import { sleepers } from './seed/sleepers.js'
import { NO_PYTHON, numpyPython, numpyRelease } from './steps/peers.js'
import type { Benchmark, RunOptions } from './support/benchmark.js'
import type { Findings } from './support/report.js'

const SLEEP = 'sleep30'
const START_UP = 'start-up'

export const seed: Benchmark = {
  does: 'the seed document’s set-ups: agents that sleep, explorers beside pymdp, start-up',
  cases: [SLEEP, START_UP, ...new Set(EXPLORERS.map(({ name }) => name))],
  defaults: { rounds: 3, seconds: 0.3 },
  run,
}

async function run(options: RunOptions): Promise<Findings> {
  const { cases } = options
  const found: Found[] = []
  if (cases.includes(SLEEP)) found.push(await sleepers(options))
  for (const explorers of EXPLORERS)
    if (cases.includes(explorers.name)) found.push(await explore(explorers, options))
  if (cases.includes(START_UP)) found.push(await startUp(options))
  return {
    rows: found.flatMap(({ rows }) => rows),
    ratios: found.flatMap(({ ratios }) => ratios),
    notes: [...NOTES, numpyPython() === undefined ? NO_PYTHON : pymdpNote()],
  }
}

const NOTES = [
  `${SLEEP}: python, the seed document’s harness, a new ThreadPoolExecutor of 32 for each round of 30 tasks that ` +
    'sleep 1 ms or compute 0.8 ms; cohort, 30 tasks a round, each a step of 256 explorers; our threads never sleep',
  'efficiency: the rate by what so many of one alone would come to; beside computing: a task’s share of the time ' +
    'in which its threads did not compute',
  'explorers: ours and pymdp’s go through one stream from its beginning to its end (5×5: 200 steps, of 100,000 ' +
    'agents 20; 10×10: 100, accurate 40); after each measurement each of our beliefs is the reference kernel’s ' +
    'within 1e-9, and so are, before the first, beliefs and posteriors of an agent a worker of pymdp’s',
  `${START_UP}: from the start of an interpreter to the last answer, all answers compared`,
]

const pymdpNote = (): string =>
  `pymdp ${numpyRelease()}: NumPy, an agent at a time, a worker a core, without threads of its own; of a population ` +
  'as many agents as fit into the time, at least one a worker; the making of agents is off the clock'
