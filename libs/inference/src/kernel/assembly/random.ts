// Random numbers as a pure function of key and counter, bit for bit those of math/random.ts.

/** The last word of the counter: draws are for choices. */
const FOR_CHOICES: u32 = 0

/**
 * The `draw`-th number in [0, 1) of an agent's step, with 53 random bits: Philox4x32-10 (Salmon, Moraes, Dror, Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", SC11, section 3.3). `seed` and `step` are 64 bits each.
 */
export function uniform(seed: u64, step: u64, draw: u32): f64 {
  let key0 = <u32>seed
  let key1 = <u32>(seed >> 32)
  let c0 = <u32>step
  let c1 = <u32>(step >> 32)
  let c2 = draw
  let c3 = FOR_CHOICES
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>0xd2511f53 * <u64>c0
    const product1 = <u64>0xcd9e8d57 * <u64>c2
    c0 = <u32>(product1 >> 32) ^ c1 ^ key0
    c1 = <u32>product1
    c2 = <u32>(product0 >> 32) ^ c3 ^ key1
    c3 = <u32>product0
    key0 += 0x9e3779b9
    key1 += 0xbb67ae85
  }
  return (<f64>(c0 >>> 5) * 67108864.0 + <f64>(c1 >>> 6)) / 9007199254740992.0
}
