// What a step costs on one core: our kernels beside the same algorithm in C and beside pymdp, shape by shape.
import { compareSteps } from './steps/compared.js'
import { AGENTS } from './steps/stream.js'
import type { Benchmark } from './support/benchmark.js'

export const kernel: Benchmark = {
  does: 'what a step costs on one core, beside native C and pymdp',
  cases: [
    'grid5-det',
    'grid5-noisy',
    'grid5-noisy-3',
    'dense25',
    'grid10-noisy',
    'explorer-1',
    'explorer-2',
    'explorer-3',
    'tmaze-2',
    'factors3',
  ],
  defaults: { rounds: 5, seconds: 0.2 },
  run: (options) => compareSteps(options, [1, 16, 64, AGENTS]),
}
