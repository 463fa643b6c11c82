// Runs a program to its end for a test: what it printed, or an error with all that it said.
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly withinMs?: number
}

/** Resolves with its standard output; rejects where it fails, is not there, or takes too long. */
export function runProgram(
  program: string,
  args: readonly string[],
  { env, withinMs = 60_000 }: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: withinMs,
      killSignal: 'SIGKILL',
    })
    let printed = ''
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(printed)
      const how = signal === null ? `ended with ${code}` : `was ended by ${signal}`
      reject(new Error(`${[program, ...args].join(' ')} ${how}:\n${printed}${said}`))
    })
  })
}

/** The first file of this name on PATH that may be run. */
export function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find(mayRun)
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
