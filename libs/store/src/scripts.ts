// Typed calls of the Lua scripts in scripts/: one for each atomic change, its keys and arguments at its top.
import { readFileSync } from 'node:fs'
import { CohortError } from '@cohort/contracts'
import type { ChainableCommander, Redis } from 'ioredis'
import { answered } from './redis-error.js'

/** What each script returns. */
interface Replies {
  commit: readonly [outcome: 'done' | 'already' | 'gone' | 'stale', ...parts: number[]]
  'load-rows': readonly [header: Buffer, recordBytes: number, rows: Buffer] | null
  'population-begin': readonly string[]
  'population-block': 0 | 1
  'population-ready': 0 | 1
  'population-delete': 0 | 1
  'population-unlink': 0 | 1
  'population-steps': readonly [total: number, least: number, most: number, damaged: number]
  'claim-take': readonly [batch: string, fingerprint: string, ageMs: number] | null
  'batch-write': 0 | 1
  'answers-mark': number
  'worker-beat': 1
  'worker-list': readonly string[]
}
export type ScriptName = keyof Replies

interface ScriptCall {
  readonly keys: readonly string[]
  readonly args: readonly (string | number | Buffer)[]
}

const NAMES: readonly ScriptName[] = [
  'commit',
  'load-rows',
  'population-begin',
  'population-block',
  'population-ready',
  'population-delete',
  'population-unlink',
  'population-steps',
  'claim-take',
  'batch-write',
  'answers-mark',
  'worker-beat',
  'worker-list',
]

/** Makes the scripts known to a connection, which sends each as EVALSHA once the server has it. */
export function defineScripts(redis: Redis): void {
  for (const name of NAMES) redis.defineCommand(commandOf(name), { lua: sourceOf(name) })
}

export function run<N extends ScriptName>(redis: Redis, name: N, call: ScriptCall): Promise<Replies[N]> {
  return answered(invoke(redis, name, call) as Promise<Replies[N]>)
}

/** Adds a script to a pipeline; its reply is at its place among the pipeline's. */
export function queue(pipeline: ChainableCommander, name: ScriptName, call: ScriptCall): void {
  invoke(pipeline, name, call)
}

// tsc copies no .lua files: they stay in src, which is as far from dist as from itself.
const sourceOf = (name: ScriptName): string =>
  readFileSync(new URL(`../src/scripts/${name}.lua`, import.meta.url), 'utf8')

const commandOf = (name: ScriptName): string => `cohort:${name}`

function invoke(on: Redis | ChainableCommander, name: ScriptName, { keys, args }: ScriptCall): unknown {
  // Rows come back as bytes, everything else as text.
  const command = name === 'load-rows' ? `${commandOf(name)}Buffer` : commandOf(name)
  const method = (on as unknown as Record<string, (...values: unknown[]) => unknown>)[command]
  if (method === undefined) throw new CohortError('internal', `this connection does not know ${command}`)
  return method.call(on, keys.length, ...keys, ...args)
}
