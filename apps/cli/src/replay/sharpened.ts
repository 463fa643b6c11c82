// What a stochastic choice with precision alpha would draw from.
import { sharpen } from '@cohort/inference/parts'

export function sharpened(p: readonly number[], alpha: number): number[] {
  const out = new Float64Array(p.length)
  sharpen(Float64Array.from(p), alpha, out)
  return [...out]
}
