// The same algorithm in C (bench/native), over the same memory: compiled by the system's compiler, where there is one.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CohortError } from '@cohort/contracts'
import { kernelWords } from '@cohort/inference/parts'
import koffi from 'koffi'
import { type Contender, inProcess } from './contender.js'

/** Vectors of 128 bits, no fused multiply-add: what WebAssembly can be. And all that the machine has. */
const BUILDS = [
  { name: 'native128', flags: ['-O3', '-DVECTOR=16', '-ffp-contract=off'] },
  { name: 'native', flags: ['-O3', '-march=native', '-ffp-contract=fast'] },
]

const SOURCE = fileURLToPath(new URL('../../native/', import.meta.url))

export interface Native {
  readonly contenders: readonly Contender[]
  /** Which compiler, or why there is none. */
  readonly note: string
}

export async function nativeContenders(): Promise<Native> {
  const compiler = process.env['CC'] ?? 'cc'
  const run = promisify(execFile)
  let version: string
  try {
    version = (await run(compiler, ['--version'])).stdout.split('\n')[0]
  } catch (error) {
    return { contenders: [], note: `native C not measured: '${compiler}' does not run (${String(error)})` }
  }
  const dir = await mkdtemp(join(tmpdir(), 'cohort-native-'))
  try {
    const words = Object.entries(kernelWords).map(([name, value]) => `#define W_${name} ${value}`)
    await writeFile(join(dir, 'words.h'), `${words.join('\n')}\n`)
    const contenders: Contender[] = []
    for (const { name, flags } of BUILDS) {
      const library = join(dir, `${name}.so`)
      const args = ['-std=gnu11', '-Wno-psabi', ...flags, `-I${dir}`, '-shared', '-fPIC']
      await run(compiler, [...args, '-o', library, join(SOURCE, 'step.c'), '-lm'])
      contenders.push(inProcess(name, { code: codeOf(library) }))
    }
    return { contenders, note: `native: ${version}; ${BUILDS.map(toldOf).join('; ')}` }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const toldOf = ({ name, flags }: (typeof BUILDS)[number]): string => `${name} ${flags.join(' ')}`

/** The library stays loaded when its file is gone. */
function codeOf(library: string) {
  const stepRows = koffi.load(library).func('int step_rows(void *first, uint32_t scratch)')
  return ({ buffer }: { readonly buffer: ArrayBufferLike }) => {
    const first = new Uint8Array(buffer)
    return (scratch: number): void => {
      if (stepRows(first, scratch) !== 0) throw new CohortError('internal', 'the C code has no such option')
    }
  }
}
