// The world's random numbers: a pure function of (seed, agent, tick, purpose), so that a run can be repeated.
import { philox } from '@cohort/inference'

/** What a draw is for: no two draws of a world share a counter. */
export const START = 0
export const MOVE = 1
export const SEE = 2
export const WALK = 3

/** Which draw. `agent` is the agent's number in the whole world, `tick` 0 before the first move. */
export interface Draw {
  readonly seed: number
  readonly tick: number
  readonly purpose: number
}

/** The last word of the counter: apart from the agents' own draws, which use 0 and 1 there. */
const FOR_WORLDS = 2
const TWO_32 = 2 ** 32

/** Two numbers in [0, 1), each with 32 bits, written to `out[0]` and `out[1]`. */
export function drawPair({ seed, tick, purpose }: Draw, agent: number, out: Float64Array): void {
  philox(seed >>> 0, Math.floor(seed / TWO_32) >>> 0, agent, tick, purpose, FOR_WORLDS, words)
  out[0] = (words[0] ?? 0) / TWO_32
  out[1] = (words[1] ?? 0) / TWO_32
}

/** An integer from 0 to `count` − 1, from a number in [0, 1). */
export const pick = (uniform: number, count: number): number => Math.floor(uniform * count)

const words = new Uint32Array(4)
