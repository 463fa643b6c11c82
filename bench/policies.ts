// What looking further ahead costs: 5 to 625 policies of the same models, beside native C and pymdp.
import { compareSteps } from './steps/compared.js'
import { AGENTS } from './steps/stream.js'
import type { Benchmark } from './support/benchmark.js'

export const policies: Benchmark = {
  does: 'what a step costs with 5 to 625 policies, beside native C and pymdp',
  cases: [
    'grid5-noisy',
    'grid5-noisy-2',
    'grid5-noisy-3',
    'grid5-noisy-4',
    'explorer-1',
    'explorer-2',
    'explorer-3',
    'tmaze-2',
    'tmaze-3',
  ],
  defaults: { rounds: 3, seconds: 0.2 },
  run: (options) => compareSteps(options, [AGENTS]),
}
