// doctor, area kernel: what computes the steps.
import { NUMERICS_REFERENCE } from '@cohort/inference'
import type { Check } from './check.js'

export const kernelChecks = (hasSimd: boolean): Check[] => [
  {
    area: 'kernel',
    name: 'kernel',
    status: 'ok',
    found: `reference, in TypeScript; numerics ${NUMERICS_REFERENCE}`,
    chosen: 'it is the only one there is',
  },
  {
    area: 'kernel',
    name: 'wasm SIMD',
    status: 'off',
    found: hasSimd ? 'this Node has it' : 'this Node does not have it',
    why: 'no kernel uses it',
  },
]

/** As far as it is used here: TypeScript declares it only with the DOM. */
declare const WebAssembly: { validate(bytes: Uint8Array): boolean }

/** A module of one function that splats an integer: it is valid only where 128-bit vectors are known. */
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
])

export const hasSimd = (): boolean => WebAssembly.validate(SIMD_MODULE)
