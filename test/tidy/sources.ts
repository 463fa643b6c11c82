// What the tidy tests look at: the repository's files, without what is installed, built or left by a run.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../../..')
const SKIPPED = new Set(['.git', 'node_modules', 'dist', '.cohort'])

export interface Source {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
}

/** Paths from the root, sorted. */
export function allFiles(folder = ''): string[] {
  const found: string[] = []
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) found.push(...allFiles(path))
    if (entry.isFile() && !/\.(tsbuildinfo|log)$/.test(entry.name)) found.push(path)
  }
  return found.sort()
}

export function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8')
  return { path, text, lines: text.replace(/\n$/, '').split('\n') }
}

/** Programs of ours, whatever they are for. */
export const isSource = (path: string): boolean => /\.(ts|mjs)$/.test(path)

/** Tests, and what only tests use. */
export const isTest = (path: string): boolean =>
  /\.test\.ts$|\/(testing|integration)\//.test(path) || path.startsWith('test/')

/** The workspaces: `libs/cache`, `apps/worker`, `test`, … */
export function packageFolders(files: readonly string[]): string[] {
  return files
    .filter((path) => path.endsWith('/package.json') && !path.startsWith('tools/'))
    .map((path) => dirname(path))
}

export const readJson = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'))

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
