// Which systems of this folder run: each is written down while it does, for `cohort doctor` and for a second `up`.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { birthOf } from '@cohort/store'

/** Of a Redis that was given only the user knows the address: it may hold a password, and is written nowhere. */
export interface RunningSystem {
  /** The process that started the others, and ends with them. */
  readonly pid: number
  /** Its producer. */
  readonly url: string
  readonly processes: readonly { readonly name: string; readonly pid: number }[]
  /** The Redis that it started itself. */
  readonly redis?: { readonly url: string; readonly data: string }
}

/** What is in the file. A later process with the same pid was born at another moment. */
interface Note {
  readonly birth: string
  readonly system: RunningSystem
}

/** Until the function that is returned is called, or this process ends. `dir` is that of COHORT_DIR. */
export function noteRunning(dir: string, system: RunningSystem): () => void {
  const folder = folderIn(dir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Those that were killed could not take theirs away.
  for (const file of notesIn(folder)) if (readNote(file) === undefined) rmSync(file, { force: true })
  // A benchmark's process runs several.
  const file = join(folder, `${system.pid}-${system.processes[0]?.pid}.json`)
  const note: Note = { birth: birthOf(system.pid) ?? '', system }
  // Whole or not at all: a reader never sees half of it.
  writeFileSync(`${file}.new`, JSON.stringify(note), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return () => rmSync(file, { force: true })
}

/** Those that run now. Changes nothing. */
export const runningSystems = (dir: string): RunningSystem[] =>
  notesIn(folderIn(dir)).flatMap((file) => readNote(file) ?? [])

const folderIn = (dir: string): string => join(dir, 'running')

function notesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
    return names.map((name) => join(folder, name))
  } catch {
    // Nothing has run here yet.
    return []
  }
}

/** Undefined where the process has ended, or the file is damaged or was taken away in this moment. */
function readNote(file: string): RunningSystem | undefined {
  try {
    const { birth, system } = JSON.parse(readFileSync(file, 'utf8')) as Note
    return birthOf(system.pid) === birth ? system : undefined
  } catch {
    return undefined
  }
}
