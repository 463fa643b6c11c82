// Runs every built test of the repository, cheap ones first; its last line is `N passed, N failed`.
import { globSync } from 'node:fs'
import os from 'node:os'
import { relative, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { Tally, type TestEvent } from './tally.js'

const ROOT = resolve(import.meta.dirname, '../..')

/**
 * In this order; a file belongs to the first that matches. Tests that start whole systems run one after the other:
 * they measure, kill and pin, and would disturb each other.
 */
const PHASES: readonly { readonly files: RegExp; readonly alone?: true }[] = [
  { files: /^test\/dist\/(tidy|[^/]+$)/ },
  { files: /^(libs|apps|bench)\/(?!.*\/integration\/)/ },
  { files: /^test\/dist\/(golden|interleavings|peers|worked)\// },
  { files: /\/dist\/integration\//, alone: true },
  { files: /^test\/dist\/faults\//, alone: true },
  { files: /^test\/dist\/e2e\//, alone: true },
  { files: /./, alone: true },
]
const MOST_AT_ONCE = 4
/** A file that says nothing for so long hangs: a test waits for ever, or has left something that keeps it alive. */
const QUIET_MS = 180_000
/** An image is built, or a browser started, without a word. */
const LONG_QUIET_MS = 900_000

const stopped = new AbortController()
const tally = new Tally()

/** Run by `npm run test:long` alone: they take minutes, and what a machine may lack (a container engine, a browser). */
const LONG = 'test/dist/long/'

/** `npm test -- commit faults/` runs the files with one of these in their path. */
function findFiles(wanted: readonly string[], long: boolean): string[] {
  const patterns = ['libs/*', 'apps/*', 'bench', 'test'].map((folder) => `${folder}/dist/**/*.test.js`)
  const found = globSync(patterns, { cwd: ROOT })
    .sort()
    .filter((file) => file.startsWith(LONG) === long)
  return wanted.length === 0 ? found : found.filter((file) => wanted.some((part) => file.includes(part)))
}

async function* events(files: readonly string[]): AsyncGenerator<TestEvent> {
  const left = new Set(files)
  for (const { files: pattern, alone } of PHASES) {
    const now = [...left].filter((file) => pattern.test(file))
    for (const file of now) left.delete(file)
    yield* phase(now, alone ? 1 : Math.min(MOST_AT_ONCE, os.availableParallelism()))
  }
}

/** A file's events come when it has ended, so that no two files are mixed. */
async function* phase(files: readonly string[], atOnce: number): AsyncGenerator<TestEvent> {
  const waiting = [...files]
  const running = new Map<string, Promise<FileEvents>>()
  while (!stopped.signal.aborted || running.size > 0) {
    for (const file of stopped.signal.aborted ? [] : waiting.splice(0, atOnce - running.size)) {
      running.set(file, runFile(file))
    }
    if (running.size === 0) return
    const ended = await Promise.race(running.values())
    running.delete(ended.file)
    yield* ended.events
  }
}

interface FileEvents {
  readonly file: string
  readonly events: readonly TestEvent[]
}

async function runFile(file: string): Promise<FileEvents> {
  const hung = new AbortController()
  const quietMs = file.startsWith(LONG) ? LONG_QUIET_MS : QUIET_MS
  const watchdog = setTimeout(() => {
    tally.say(`${file}: no test said anything for ${quietMs / 1000} s, so it was ended`)
    hung.abort()
  }, quietMs)
  const events: TestEvent[] = []
  const signal = AbortSignal.any([stopped.signal, hung.signal])
  for await (const event of run({ files: [resolve(ROOT, file)], signal }) as AsyncIterable<TestEvent>) {
    watchdog.refresh()
    tally.add(event)
    if (!isSummary(event)) events.push(event)
  }
  clearTimeout(watchdog)
  return { file, events }
}

/** Counts and failures of one file: those at the very end stand for all. */
const isSummary = ({ type, data }: TestEvent): boolean =>
  type === 'test:summary' || (type === 'test:diagnostic' && data.file === undefined)

/** Ctrl-C, or the death of the process that started us: the test files' processes are ended, what ran is counted. */
function stop(reason: string): void {
  if (!stopped.signal.aborted) tally.fail(`the run was ended by ${reason}`)
  stopped.abort()
}

async function main(args: readonly string[]): Promise<void> {
  const long = args[0] === '--long'
  const wanted = long ? args.slice(1) : args
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal))
  process.on('disconnect', () => stop('the death of its parent'))
  process.channel?.unref()
  // Tests start servers of their own; the one that a shell points to is somebody's data.
  delete process.env['REDIS_URL']
  const files = findFiles(wanted, long)
  if (files.length === 0)
    tally.fail(`no test file ${wanted.length > 0 ? `matches ${wanted.join(' ')}` : 'was built'}`)
  const report = Readable.from(events(files)).compose(new spec())
  for await (const text of report) process.stdout.write(text as string)
  process.stdout.write(tally.report((file) => relative(ROOT, file)))
  process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1
}

await main(process.argv.slice(2))
