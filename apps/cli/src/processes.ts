// Starts a producer or a worker as a real process, waits until it is ready, and sees that it ends with us.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CohortError } from '@cohort/contracts'

const READY_MS = 30_000
const TAIL_LINES = 20
/** Emptied, then appended to: one that another empties later has no hole where this one goes on. */
const ANEW = constants.O_CREAT | constants.O_WRONLY | constants.O_TRUNC | constants.O_APPEND

export interface ProcessSpec {
  /** What people call it, e.g. `worker 2`. */
  readonly name: string
  /** The program, see `programOf`. */
  readonly program: string
  /** Its whole environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The file that its log (standard error) goes to, begun anew; `inherit` sends it to ours. */
  readonly log: string
}

/** How a process ended: by its own exit code, or by a signal. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process that has said that it is ready. */
export interface RunningProcess {
  readonly name: string
  readonly pid: number
  /** What its ready line says after `ready: `: for a producer, its address. */
  readonly ready: string
  readonly log: string
  readonly ended: Promise<Ending>
  /** Asks it to end; kills it where it has not after `deadlineMs`. */
  stop(deadlineMs: number): Promise<Ending>
}

/** The built entry of an app. Not an import: an app is a process of its own, and never part of this one. */
export const programOf = (app: 'producer' | 'worker'): string =>
  fileURLToPath(new URL(`../../${app}/dist/main.js`, import.meta.url))

/**
 * Resolves when the process has written its ready line. Rejects with `process_failed`, the end of its log
 * in the message, where it ended before or took too long; with the signal's reason where that was aborted.
 * Nothing is left running then.
 */
export async function startProcess(spec: ProcessSpec, signal?: AbortSignal): Promise<RunningProcess> {
  signal?.throwIfAborted()
  const child = spawnProgram(spec, 'pipe')
  const ended = endOf(child)
  const limit = AbortSignal.timeout(READY_MS)
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit])
  try {
    const ready = await readyLine(child, ended, stop)
    if (ready === undefined) throw failed(spec, `ended (${told(await ended)}) before it was ready`)
    return { ...about(spec, child), ready, ended, stop: (deadlineMs) => stopChild(child, ended, deadlineMs) }
  } catch (error) {
    child.kill('SIGKILL')
    await ended
    throw limit.aborted && signal?.aborted !== true
      ? failed(spec, `was not ready after ${READY_MS} ms`)
      : error
  }
}

/**
 * Runs a process with our own output until it ends; a stop that is asked for is passed on. Resolves with
 * its exit code. `onReady` gets what `RunningProcess.ready` holds, and then our standard output is left alone.
 */
export async function runInForeground(
  spec: Omit<ProcessSpec, 'log'>,
  signal: AbortSignal,
  onReady?: (ready: string, pid: number) => void,
): Promise<number> {
  const child = spawnProgram({ ...spec, log: 'inherit' }, onReady === undefined ? 'inherit' : 'pipe')
  const ended = endOf(child)
  const passOn = () => child.kill('SIGTERM')
  signal.addEventListener('abort', passOn, { once: true })
  const ready = await readyLine(child, ended)
  if (ready !== undefined) onReady?.(ready, child.pid ?? 0)
  const { code } = await ended
  signal.removeEventListener('abort', passOn)
  return code ?? 1
}

/** `exit code 1` or `SIGKILL`. */
export const told = ({ code, signal }: Ending): string => signal ?? `exit code ${code}`

/** What its log has warned of until now, each once; none where the log goes to our own output. */
export function warningsOf({ name, log }: Pick<RunningProcess, 'name' | 'log'>): string[] {
  if (log === 'inherit') return []
  const records = readFileSync(log, 'utf8').split('\n').map(recordOf)
  const warnings = records.filter((record) => record?.['level'] === 'warn')
  return [...new Set(warnings.map((record) => `${name} warns: ${String(record?.['message'])}`))]
}

/** Those that have not ended. They die with this process: `exit` here, their IPC channel otherwise. */
const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/** In a session of its own: Ctrl-C in the terminal reaches us alone, and we stop things in order. */
function spawnProgram({ program, environment, log }: ProcessSpec, stdout: 'pipe' | 'inherit'): ChildProcess {
  if (log !== 'inherit') mkdirSync(dirname(log), { recursive: true })
  const stderr = log === 'inherit' ? 'inherit' : openSync(log, ANEW)
  try {
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', stdout, stderr, 'ipc'],
      // What is in a file is read by us again.
      env: { ...environment, ...(log === 'inherit' ? {} : { COHORT_LOG_FORMAT: 'json' }) },
      detached: true,
    })
    living.add(child)
    return child
  } finally {
    if (typeof stderr === 'number') closeSync(stderr)
  }
}

const endOf = (child: ChildProcess): Promise<Ending> =>
  new Promise((resolve) => {
    const end = (ending: Ending) => {
      living.delete(child)
      resolve(ending)
    }
    child.once('exit', (code, signal) => end({ code, signal }))
    child.once('error', () => end({ code: null, signal: null }))
  })

/**
 * The text after `ready: `; undefined where it ended without, or writes to our output itself. What comes later is
 * read and dropped.
 */
async function readyLine(
  child: ChildProcess,
  ended: Promise<Ending>,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { stdout } = child
  if (stdout === null) return undefined
  const lines = createInterface({ input: stdout })
  try {
    return await new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        const text = /^\w+ ready: (.*)$/.exec(line)?.[1]
        if (text !== undefined) resolve(text)
      })
      void ended.then(() => resolve(undefined))
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  } finally {
    lines.close()
    stdout.resume()
  }
}

async function stopChild(child: ChildProcess, ended: Promise<Ending>, deadlineMs: number): Promise<Ending> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs)
  try {
    return await ended
  } finally {
    clearTimeout(timer)
  }
}

const about = ({ name, log }: ProcessSpec, child: ChildProcess) => ({ name, log, pid: child.pid ?? 0 })

function failed({ name, log }: ProcessSpec, what: string): CohortError {
  const tail = log === 'inherit' ? '' : tailOf(log)
  return new CohortError(
    'process_failed',
    `${name} ${what}${tail === '' ? '' : `. The end of ${log}:\n${tail}`}`,
  )
}

/** Plain lines are written for people: where there are some, the log's JSON lines are left out. */
function tailOf(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const plain = lines.filter((line) => line !== '' && recordOf(line) === undefined)
  return (plain.length > 0 ? plain : lines)
    .slice(-TAIL_LINES)
    .map((line) => `  ${line}`)
    .join('\n')
    .trimEnd()
}

/** A line of a log as the object that it is; undefined for any other line. */
function recordOf(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>
  } catch {
    // A person's line that begins with a brace, or one that was cut off.
    return undefined
  }
}
