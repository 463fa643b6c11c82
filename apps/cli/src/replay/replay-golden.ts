// Replays golden files: which, one after the other, and what came of them all.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CohortError } from '@cohort/contracts'
import type { KernelName } from '@cohort/inference'
import { type Failure, type FileReport, nameOf, replayFile } from './replay-file.js'

/** What to replay, and by which kernel; by 'wasm', the default, what it covers: the reference runs the rest. */
export interface Replayed {
  readonly path: string
  /** Names without `.json`; all where empty or left out. */
  readonly only?: readonly string[]
  readonly kernel?: KernelName
}

/** A case is one agent's whole run, or one call of a function. */
export interface ReplayReport {
  readonly kernel: KernelName
  /** Files that ran. */
  readonly files: number
  readonly cases: number
  /** Cases with any field apart. */
  readonly failed: number
  /** Relative to max(1, |expected|). */
  readonly maxError: number
  readonly ranOn: { readonly wasm: number; readonly reference: number }
  readonly skipped: readonly { readonly file: string; readonly reason: string }[]
  readonly failures: readonly Failure[]
}

/**
 * Files in the order of their names.
 * Throws `usage` where the path does not exist or has no file that ends in .json, a file is not JSON, or a name of
 * `only` fits no file.
 */
export async function replayGolden({ path, only = [], kernel = 'wasm' }: Replayed): Promise<FileReport[]> {
  const files = chosen(await goldenFiles(path), only)
  const reports: FileReport[] = []
  for (const file of files) reports.push(await replayFile(file, kernel))
  return reports
}

export function summary(reports: readonly FileReport[], kernel: KernelName = 'wasm'): ReplayReport {
  const ran = reports.filter((report) => 'cases' in report)
  const sum = (of: (report: (typeof ran)[number]) => number) =>
    ran.reduce((total, report) => total + of(report), 0)
  const cases = sum((report) => report.cases)
  const wasm = sum((report) => report.onWasm)
  return {
    kernel,
    files: ran.length,
    cases,
    failed: sum((report) => report.failed),
    maxError: Math.max(0, ...ran.map(({ maxError }) => maxError)),
    ranOn: { wasm, reference: cases - wasm },
    skipped: reports.flatMap((report) =>
      'skipped' in report ? [{ file: report.file, reason: report.skipped }] : [],
    ),
    failures: ran.flatMap(({ failures }) => failures),
  }
}

async function goldenFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new CohortError('usage', `there is no file or folder ${path}`, { cause })
  })
  if (!found.isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => name.endsWith('.json')).sort()
  if (names.length === 0) throw new CohortError('usage', `there is no .json file in ${path}`)
  return names.map((name) => join(path, name))
}

function chosen(files: readonly string[], only: readonly string[]): string[] {
  const missing = only.filter((name) => !files.some((file) => nameOf(file) === name))
  if (missing.length > 0)
    throw new CohortError('usage', `--only: there is no golden file ${missing.join(', ')}`)
  return files.filter((file) => only.length === 0 || only.includes(nameOf(file)))
}
