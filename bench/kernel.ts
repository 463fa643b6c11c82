// What a step costs on one core: our kernels beside the same algorithm in C and beside pymdp, shape by shape.
import type { Benchmark, RunOptions } from './support/benchmark.js'
import type { Findings } from './support/report.js'
import { inProcess } from './steps/contender.js'
import { measureSteps } from './steps/measure.js'
import { nativeContenders } from './steps/native.js'
import { peerContenders } from './steps/peers.js'
import { SHAPES } from './steps/shapes.js'
import { AGENTS, STEPS } from './steps/stream.js'

const BLOCKS = [1, 16, 64, AGENTS]

export const kernel: Benchmark = {
  does: 'what a step costs on one core, beside native C and pymdp',
  cases: SHAPES.map(({ name }) => name),
  defaults: { rounds: 5, seconds: 0.2 },
  run,
}

async function run(options: RunOptions): Promise<Findings> {
  const [native, peers] = [await nativeContenders(), peerContenders()]
  const contenders = [
    inProcess('wasm64', {}),
    inProcess('wasm32', { precision: 'single', within: 1e-3 }),
    inProcess('reference', { only: 'reference' }),
    ...native.contenders,
    ...peers.contenders,
  ]
  const found = []
  for (const shape of SHAPES.filter(({ name }) => options.cases.includes(name))) {
    found.push(await measureSteps(shape, BLOCKS, { ...options, contenders }))
  }
  return {
    rows: found.flatMap(({ rows }) => rows),
    ratios: found.flatMap(({ ratios }) => ratios),
    notes: [
      `${STEPS} steps of a stream that a world as the model says shows, from the agents’ first step on; beliefs, G, ` +
        'policies’ posterior and actions agree with the reference kernel’s within 1e-9 (wasm32: 1e-3) before ' +
        'anything is timed',
      `rounds: ${options.rounds}, in changing order, each about ${options.seconds} s or one pass; less is better; ` +
        'a ratio above 1 is what wasm64 saves',
      native.note,
      peers.note,
    ],
  }
}
