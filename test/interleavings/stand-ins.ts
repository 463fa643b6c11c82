// Stands in for `Atomics` and plain doubles in shared memory: each access asks first. Used by explore.ts

export interface Access {
  readonly does: string
  /** What an atomic operation is given beside the place. */
  readonly args: readonly unknown[]
  /** Bytes of the shared memory that it touches. */
  readonly from: number
  readonly to: number
  readonly writes: boolean
  /** Neither atomic nor ordered with others. */
  readonly plain: boolean
}

/** Decides when, and whether, an access happens; what it returns is what the code sees. */
export type Gate = (access: Access, perform: () => unknown) => unknown

type Words = Int32Array<SharedArrayBuffer> | BigInt64Array<SharedArrayBuffer>
type Operation = (words: Words, index: number, ...rest: unknown[]) => unknown

const WRITES = ['store', 'add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange', 'notify']
const OPERATIONS = ['load', 'wait', ...WRITES]

/** Until `restore` is called, code that touches `memory` goes through the gate. The code itself is what ships. */
export function standIn(memory: SharedArrayBuffer, gate: Gate): { restore(): void } {
  const atomics = Atomics as unknown as Record<string, Operation>
  const real = Object.fromEntries(OPERATIONS.map((name) => [name, atomics[name]]))
  for (const does of OPERATIONS) {
    atomics[does] = (words, index, ...rest) => {
      const perform = () => real[does]?.(words, index, ...rest)
      if (words.buffer !== memory) return perform()
      if (does === 'wait' && Number.isFinite(rest[1] ?? Infinity))
        throw new Error('a wait with a time limit is not explored')
      const writes = WRITES.includes(does)
      return gate({ does, args: rest, ...bytesOf(words, index), writes, plain: false }, perform)
    }
  }
  const doubles = globalThis.Float64Array
  globalThis.Float64Array = watched(doubles, memory, gate)
  const { now } = performance
  performance.now = () => 0
  const restore = () => {
    Object.assign(Atomics, real)
    globalThis.Float64Array = doubles
    performance.now = now
  }
  return { restore }
}

function bytesOf(words: Words | Float64Array, index: number): { from: number; to: number } {
  if (!(index in words)) throw new RangeError(`index ${index}`)
  const from = words.byteOffset + index * words.BYTES_PER_ELEMENT
  return { from, to: from + words.BYTES_PER_ELEMENT }
}

/** Arrays of doubles on `memory` whose elements are reached through the gate. */
function watched(doubles: Float64ArrayConstructor, memory: SharedArrayBuffer, gate: Gate) {
  const isIndex = (key: string | symbol): key is string => typeof key === 'string' && /^\d+$/.test(key)
  const access = (array: Float64Array, key: string, writes: boolean): Access => ({
    does: writes ? 'plain write' : 'plain read',
    args: [],
    ...bytesOf(array, Number(key)),
    writes,
    plain: true,
  })
  return new Proxy(doubles, {
    construct(target, [on, ...rest], newTarget) {
      const array = Reflect.construct(target, [on, ...rest], newTarget) as Float64Array
      if (on !== memory) return array
      return new Proxy(array, {
        get: (elements, key) =>
          isIndex(key)
            ? gate(access(elements, key, false), () => Reflect.get(elements, key) as unknown)
            : (Reflect.get(elements, key) as unknown),
        set: (elements, key, value) =>
          isIndex(key)
            ? Boolean(gate(access(elements, key, true), () => Reflect.set(elements, key, value)))
            : Reflect.set(elements, key, value),
      })
    },
  })
}
