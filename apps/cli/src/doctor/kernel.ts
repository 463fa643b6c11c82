// doctor, area kernel: what computes the steps.
import { NUMERICS_REFERENCE } from '@cohort/inference'
import type { Check } from './check.js'

export const kernelChecks = (): Check[] => [
  {
    area: 'kernel',
    name: 'kernel',
    status: 'ok',
    found: `reference, in TypeScript; numerics ${NUMERICS_REFERENCE}`,
    chosen: 'it is the only one there is',
  },
]
