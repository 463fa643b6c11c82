// Runs every interleaving of a few threads' accesses to shared memory, on the code that ships. Used by the tests here
import { type Access, type Gate, standIn } from './stand-ins.js'

/**
 * A few threads, each a function that makes its own objects on the memory and keeps nothing outside. It is run again
 * from its beginning for each of its steps: what earlier accesses gave is given again, the next one happens, and the
 * one after that ends it by an exception. So the code must depend on what it reads alone, and catch nothing.
 */
export interface Program {
  readonly bytes: number
  /** Before the threads begin. */
  readonly prepare?: (memory: SharedArrayBuffer) => void
  /**
   * The bytes, from and to, of words that the code only adds to and never looks at: that happens with the step before,
   * for it decides nothing, and what it gives is not told.
   */
  readonly quiet?: readonly [number, number]
  /** Where two are the same function, `check` must not care which of them did what. */
  readonly threads: readonly ((memory: SharedArrayBuffer) => unknown)[]
  /** After each run: throws where a promise was broken. `results` is what the threads returned. */
  readonly check?: (results: readonly unknown[], memory: SharedArrayBuffer) => void
  /** A number that goes along with a run, from 0: after each step the next one. Throws where a promise was broken. */
  readonly follow?: (number: number, before: Int32Array, after: Int32Array) => number
}

export interface Explored {
  /** Different orders of the threads' accesses, all of which were held against the promises. */
  readonly interleavings: number
  /** Different states on the way; what follows from one that was seen before follows again. */
  readonly states: number
}

interface Thread {
  /** What its accesses have given so far. With the code it is all that there is to know of it. */
  readonly seen: readonly unknown[]
  /** What it will do next; undefined when it is done, or asleep. */
  readonly next?: Access | undefined
  readonly asleepAt?: number | undefined
  readonly result?: unknown
}

interface State {
  readonly memory: Uint8Array
  readonly threads: readonly Thread[]
  /** Who sleeps, the first to be woken first. */
  readonly sleepers: readonly number[]
  readonly followed: number
}

/** Thrown into the code at an access that must not happen yet. */
class Stopped extends Error {
  constructor(readonly access: Access) {
    super('not yet')
  }
}

/** Throws an error that tells the steps of the first interleaving that breaks a promise or leaves threads stuck. */
export function explore(program: Program): Explored {
  const memory = new SharedArrayBuffer(program.bytes)
  program.prepare?.(memory)
  let gate: Gate = (_, perform) => perform()
  const { restore } = standIn(memory, (access, perform) => gate(access, perform))
  const useGate = (now: Gate) => (gate = now)
  try {
    return new Exploration(program, memory, useGate).all()
  } finally {
    restore()
  }
}

class Exploration {
  readonly #program: Program
  readonly #memory: SharedArrayBuffer
  readonly #bytes: Uint8Array
  readonly #useGate: (gate: Gate) => unknown
  /** State → interleavings from there. */
  readonly #seen = new Map<string, number>()
  readonly #path: string[] = []

  constructor(program: Program, memory: SharedArrayBuffer, useGate: (gate: Gate) => unknown) {
    this.#program = program
    this.#memory = memory
    this.#bytes = new Uint8Array(memory)
    this.#useGate = useGate
  }

  all(): Explored {
    const memory = this.#bytes.slice()
    const threads = this.#program.threads.map((_, at) => this.#again(at, []))
    const interleavings = this.#from({ memory, threads, sleepers: [], followed: 0 })
    return { interleavings, states: this.#seen.size }
  }

  #from(state: State): number {
    const key = keyOf(state, this.#program)
    const known = this.#seen.get(key)
    if (known !== undefined) return known
    this.#mustNotRace(state)
    const ready = state.threads.flatMap(({ next }, at) => (next === undefined ? [] : [at]))
    let interleavings = 0
    for (const at of ready) {
      this.#path.push(`${at}: ${told(state.threads[at]?.next)}`)
      interleavings += this.#from(this.#step(state, at))
      this.#path.pop()
    }
    if (ready.length === 0) {
      this.#end(state)
      interleavings = 1
    }
    this.#seen.set(key, interleavings)
    return interleavings
  }

  #end({ memory, threads, sleepers }: State): void {
    if (sleepers.length > 0)
      this.#fail(`threads ${sleepers.join(', ')} sleep, and nobody is left to wake them`)
    this.#bytes.set(memory)
    this.#useGate((_, perform) => perform())
    const results = threads.map(({ result }) => result)
    this.#blame(() => this.#program.check?.(results, this.#memory))
  }

  #step(state: State, at: number): State {
    const { seen = [], next } = state.threads[at] ?? {}
    this.#bytes.set(state.memory)
    const threads = [...state.threads]
    let sleepers = state.sleepers
    if (next?.does === 'wait') {
      const sleeps = new Int32Array(this.#memory)[next.from / 4] === next.args[0]
      if (sleeps) sleepers = [...sleepers, at]
      threads[at] = sleeps ? { seen, asleepAt: next.from } : this.#again(at, [...seen, 'not-equal'])
    } else if (next?.does === 'notify') {
      const most = Number(next.args[0] ?? Infinity)
      const woken = sleepers.filter((one) => threads[one]?.asleepAt === next.from).slice(0, most)
      sleepers = sleepers.filter((one) => !woken.includes(one))
      threads[at] = this.#again(at, [...seen, woken.length])
      for (const one of woken) threads[one] = this.#again(one, [...(threads[one]?.seen ?? []), 'ok'])
    } else {
      threads[at] = this.#again(at, seen, 1)
    }
    const memory = this.#bytes.slice()
    const words = (bytes: Uint8Array) => new Int32Array(bytes.buffer, 0, bytes.length >> 2)
    const followed = this.#blame(
      () => this.#program.follow?.(state.followed, words(state.memory), words(memory)) ?? 0,
    )
    return { memory, threads, sleepers, followed }
  }

  /** The thread when its accesses have given `seen`, and so many more have happened. */
  #again(at: number, seen: readonly unknown[], more = 0): Thread {
    const [quietFrom, quietTo] = this.#program.quiet ?? [Infinity, Infinity]
    const now = [...seen]
    let index = 0
    this.#useGate((access, perform) => {
      if (access.from >= quietFrom && access.to <= quietTo) {
        if (index === seen.length + more) perform()
        return undefined
      }
      if (index === seen.length + more) throw new Stopped(access)
      if (index === now.length) now.push(perform())
      return now[index++]
    })
    try {
      return { seen: now, result: this.#program.threads[at]?.(this.#memory) }
    } catch (error) {
      if (error instanceof Stopped) return { seen: now, next: error.access }
      return this.#fail(`thread ${at}: ${String(error)}`)
    }
  }

  /**
   * What runs in some order step by step is all that there is only where no plain access races: then JavaScript
   * promises that threads see nothing else. Two race when either could be next and one of them writes.
   */
  #mustNotRace({ threads }: State): void {
    const nexts = threads.flatMap(({ next }) => (next === undefined ? [] : [next]))
    for (const one of nexts.filter(({ plain }) => plain)) {
      const other = nexts.find((it) => it !== one && it.from < one.to && one.from < it.to)
      if (other !== undefined && (one.writes || other.writes))
        this.#fail(`a race: ${told(one)} and ${told(other)}`)
    }
  }

  #blame<Value>(look: () => Value): Value {
    try {
      return look()
    } catch (error) {
      return this.#fail(String(error))
    }
  }

  #fail(why: string): never {
    throw new Error([why, ...this.#path].join('\n  '))
  }
}

const told = (access: Access | undefined): string => `${access?.does} at byte ${access?.from}`

/** Threads that are the same function may change places: what follows is the same. One that is done is its result. */
function keyOf({ memory, threads, sleepers, followed }: State, { threads: codes }: Program): string {
  const keys = threads.map(({ seen, next, asleepAt, result }, at) => {
    const done = next === undefined && asleepAt === undefined
    const knows = done ? `done ${JSON.stringify(result)}` : seen.join()
    return `${codes.findIndex((code) => code === codes[at])}: ${knows} ${sleepers.indexOf(at)}`
  })
  return [Buffer.from(memory.buffer).toString('latin1'), ...keys.sort(), followed].join(';')
}
