// What the other files of this folder share: where the repository is, how a line is said, how a program is run.
import { spawn } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import os from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
/** What a clone keeps beside its sources: locks, stamps, the unpacked Redis, the embedded server's data. */
export const PRIVATE = join(ROOT, '.cohort')

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** An end that the reader can do something about: its message is all that is printed. */
export class Refusal extends Error {}

export const say = (line) => void process.stderr.write(`cohort: ${line}\n`)

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** Refuses before anything is installed where the user asked for that; `instead` says what to do by hand. */
export function mayInstall(what, instead) {
  if (process.env.COHORT_NO_INSTALL !== '1') return
  throw new Refusal(`${what}, and COHORT_NO_INSTALL=1 forbids installing. ${instead}`)
}

/** The full path of a program on PATH, or undefined. */
export function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    if (folder !== '' && isExecutable(path)) return path
  }
  return undefined
}

export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Runs a program to its end without a shell and returns `{code, output}`; the output (both streams) is kept, not shown.
 * With `show`, it goes to our standard error as it comes. A program that cannot be started has code 127.
 */
export function execute(command, args, { cwd = ROOT, env = process.env, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', show ? 2 : 'pipe', show ? 2 : 'pipe'] })
    const letGo = endTogether(child)
    let output = ''
    const keep = (chunk) => (output += chunk)
    child.stdout?.setEncoding('utf8').on('data', keep)
    child.stderr?.setEncoding('utf8').on('data', keep)
    child.on('error', (error) => {
      letGo()
      resolve({ code: 127, output: `${command}: ${error.message}` })
    })
    child.on('close', (code) => {
      letGo()
      resolve({ code: code ?? 1, output })
    })
  })
}

/** A signal that ends us ends the child first: it must not go on writing when the next start takes the lock over. */
function endTogether(child) {
  const stop = (signal) => {
    child.on('close', () => process.exit(128 + os.constants.signals[signal]))
    child.kill(signal)
  }
  for (const signal of ENDING) process.on(signal, stop)
  return () => ENDING.forEach((signal) => process.off(signal, stop))
}
