// doctor, area kernel: what computes the steps.
import { NUMERICS } from '@cohort/inference'
import type { Check } from './check.js'

export const kernelChecks = (): Check[] => [
  {
    area: 'kernel',
    name: 'kernel',
    status: 'ok',
    found: `WebAssembly with SIMD, strict arithmetic; numerics ${NUMERICS}`,
    chosen:
      'the same numbers on every machine; learning, message passing and search go to the reference kernel',
  },
]
