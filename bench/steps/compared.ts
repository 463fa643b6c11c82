// Who is compared, on which shapes and in which blocks: what `kernel` and `policies` have in common.
import type { RunOptions } from '../support/benchmark.js'
import type { Findings } from '../support/report.js'
import { inProcess } from './contender.js'
import { measureSteps } from './measure.js'
import { nativeContenders } from './native.js'
import { peerContenders } from './peers.js'
import { shapeOf } from './shapes.js'
import { STEPS } from './stream.js'

/** The chosen cases are names of shapes. */
export async function compareSteps(options: RunOptions, blocks: readonly number[]): Promise<Findings> {
  const [native, peers] = [await nativeContenders(), peerContenders()]
  const contenders = [
    inProcess('wasm64', {}),
    inProcess('wasm32', { precision: 'single', within: 1e-4 }),
    inProcess('reference', { only: 'reference' }),
    ...native.contenders,
    ...peers.contenders,
  ]
  const found = []
  for (const name of options.cases)
    found.push(await measureSteps(shapeOf(name), blocks, { ...options, contenders }))
  return {
    rows: found.flatMap(({ rows }) => rows),
    ratios: found.flatMap(({ ratios }) => ratios),
    notes: [
      `${STEPS} steps of a stream that a world as the model says shows, from the agents’ first step on`,
      'before anything is timed beliefs, G and the policies’ posterior after the last step agree with the reference ' +
        'kernel’s within 1e-9, and the actions are the same; wasm32 (within 1e-4, its own actions as good) and ' +
        'pymdp do the stream’s actions, and of pymdp beliefs and posterior are compared (NumPy one agent within ' +
        '1e-9, JAX all within 1e-5)',
      `rounds: ${options.rounds}, in changing order, each about ${options.seconds} s or one pass; less is better; ` +
        'a ratio above 1 is what wasm64 saves',
      native.note,
      peers.note,
    ],
  }
}
