// Gathers the tables of a program while it is built, and gives each its place behind the compiled model.

/** Tables begin at multiples of so many bytes: no number lies across a cache line. */
const ALIGNMENT = 8

type Data = Uint32Array | Float32Array | Float64Array

export class Tables {
  readonly #pieces: { readonly at: number; readonly data: Data }[] = []
  readonly #single: boolean
  #end: number

  /** `from`: where the first table will be, in bytes from the beginning of the compiled model. */
  constructor(from: number, single: boolean) {
    this.#end = from
    this.#single = single
  }

  /** Bytes from the beginning of the compiled model to behind the last table. */
  get end(): number {
    return this.#end
  }

  /** 32-bit words, whole numbers from 0; returns where they will be. */
  words(words: ArrayLike<number>): number {
    return this.#place(Uint32Array.from(words))
  }

  /** What agents' numbers are multiplied with or added to: in the model's precision. */
  numbers(numbers: ArrayLike<number>): number {
    return this.#place(this.#single ? Float32Array.from(numbers) : Float64Array.from(numbers))
  }

  /** In double precision whatever the model's. */
  doubles(numbers: ArrayLike<number>): number {
    return this.#place(Float64Array.from(numbers))
  }

  /** Words that are known only when all tables have their places. */
  later(count: number): { readonly at: number; readonly words: Uint32Array } {
    const words = new Uint32Array(count)
    return { at: this.#place(words), words }
  }

  #place(data: Data): number {
    const at = this.#end
    this.#pieces.push({ at, data })
    this.#end = Math.ceil((at + data.byteLength) / ALIGNMENT) * ALIGNMENT
    return at
  }

  /** Copies all tables to where they are said to be. */
  writeTo(model: Uint8Array): void {
    for (const { at, data } of this.#pieces)
      model.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
  }
}
