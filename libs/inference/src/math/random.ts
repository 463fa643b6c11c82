// Random numbers as a pure function of key and counter: the same on any thread, in any order, when repeated.

const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85
const ROUNDS = 10
const TWO_32 = 2 ** 32

/** The last word of the counter says what a draw is for, so that no two uses share a counter. */
const FOR_CHOICES = 0
const FOR_SEEDS = 1

/**
 * Philox4x32-10: a 64-bit key and a 128-bit counter give 128 random bits, written to `out[0..3]`. Salmon,
 * Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC11, section 3.3. Its words are plain
 * arguments, not an object, since a kernel draws without allocating.
 */
export function philox(
  key0: number,
  key1: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  out: Uint32Array,
): void {
  for (let round = 0; round < ROUNDS; round++) {
    const next0 = highProduct(MULTIPLIER_1, c2) ^ c1 ^ key0
    const next1 = Math.imul(MULTIPLIER_1, c2)
    const next2 = highProduct(MULTIPLIER_0, c0) ^ c3 ^ key1
    const next3 = Math.imul(MULTIPLIER_0, c0)
    c0 = next0 >>> 0
    c1 = next1 >>> 0
    c2 = next2 >>> 0
    c3 = next3 >>> 0
    key0 = (key0 + WEYL_0) >>> 0
    key1 = (key1 + WEYL_1) >>> 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/** An agent's own stream: its seed and the step that it is at. */
export interface Stream {
  /** Low and high half of the agent's seed. */
  readonly seed: Uint32Array
  readonly step: number
}

/** The `draw`-th number in [0, 1) of an agent's step, with 53 random bits. */
export function uniform({ seed, step }: Stream, draw: number): number {
  philox(seed[0], seed[1], step >>> 0, highWord(step), draw, FOR_CHOICES, words)
  return ((words[0] >>> 5) * 2 ** 26 + (words[1] >>> 6)) / 2 ** 53
}

/** The seed of the `index`-th agent of a population: `out[0]` its low, `out[1]` its high half. */
export function agentSeed(populationSeed: number, index: number, out: Uint32Array): void {
  philox(populationSeed >>> 0, highWord(populationSeed), index >>> 0, highWord(index), 0, FOR_SEEDS, out)
}

/** The upper 32 bits of an integer of up to 53 bits. */
export const highWord = (integer: number): number => Math.floor(integer / TWO_32) >>> 0

/** The upper 32 bits of the 64-bit product of two 32-bit words, by their 16-bit halves. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = aLow * bHigh + (middle & 0xffff)
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0
}

const words = new Uint32Array(4)
