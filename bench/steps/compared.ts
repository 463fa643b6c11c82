// Who is compared, on which shapes and in which blocks: what `kernel` and `policies` have in common.
import type { RunOptions } from '../support/benchmark.js'
import type { Findings } from '../support/report.js'
import { inProcess } from './contender.js'
import { measureSteps } from './measure.js'
import { nativeContenders } from './native.js'
import { peerContenders } from './peers.js'
import { SHAPES } from './shapes.js'
import { STEPS } from './stream.js'

/** The chosen cases are names of shapes. */
export async function compareSteps(options: RunOptions, blocks: readonly number[]): Promise<Findings> {
  const [native, peers] = [await nativeContenders(), peerContenders()]
  const contenders = [
    inProcess('wasm64', {}),
    inProcess('wasm32', { precision: 'single', within: 1e-3 }),
    inProcess('reference', { only: 'reference' }),
    ...native.contenders,
    ...peers.contenders,
  ]
  const found = []
  for (const shape of SHAPES.filter(({ name }) => options.cases.includes(name)))
    found.push(await measureSteps(shape, blocks, { ...options, contenders }))
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
