// Part of step 3: compiles the batched kernel from AssemblyScript to WebAssembly, into a file that the library imports.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT, Refusal } from './shell.mjs'

const SOURCE = 'libs/inference/src/kernel/assembly/index.ts'
const TARGET = join(ROOT, 'libs/inference/dist/kernel/binary.js')

// The arena is given at start; nothing static lies in it: data segments would be written again by every thread.
const FLAGS = [
  '-O3',
  '--noAssert',
  '--pedantic',
  '--enable',
  'simd,threads',
  '--importMemory',
  '--sharedMemory',
]
/** The kernel in double and in single precision: the same sources, but for what a number is. */
const BUILDS = { KERNEL: 'real.ts', SINGLE_KERNEL: 'single.ts' }
const PAGES = ['--initialMemory', '1', '--maximumMemory', '65536']

/** The same source gives the same bytes: nothing of the machine or the time goes in. */
export async function buildKernel() {
  // Its export map has no entry for `require.resolve`: found by its folder.
  const require = createRequire(join(ROOT, 'package.json'))
  const asc = await import(
    pathToFileURL(join(dirname(require.resolve('assemblyscript/package.json')), 'dist/asc.js'))
  )
  const lines = []
  for (const [name, numbers] of Object.entries(BUILDS)) {
    const { error, stderr, binary } = await compile(asc, numbers)
    if (error) throw new Refusal(`the batched kernel does not compile:\n${stderr}`)
    lines.push(`export const ${name} =\n  '${Buffer.from(binary).toString('base64')}'\n`)
  }
  mkdirSync(dirname(TARGET), { recursive: true })
  writeFileSync(TARGET, lines.join(''))
}

/** `numbers`: the file that every other one knows as `real`. */
async function compile(asc, numbers) {
  let binary
  const { error, stderr } = await asc.main(
    [SOURCE, '--outFile', 'kernel.wasm', '--runtime', 'stub', ...FLAGS, ...PAGES],
    {
      readFile: (name, base) => {
        try {
          return readFileSync(join(ROOT, base, name.replace(/\breal\.ts$/, numbers)), 'utf8')
        } catch {
          return null
        }
      },
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) binary = contents
      },
    },
  )
  return { error, stderr: String(stderr), binary }
}
