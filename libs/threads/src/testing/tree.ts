// For tests: a folder that stands for `/`, with the kernel's files as another machine has them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

/** Path below `/` → text. It goes with the test. */
export function recordedTree(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'topology-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** The files of a machine: which CPUs are allowed, and for each CPU the list of those of its core. */
export const cpuFiles = (allowed: string, siblings: readonly string[] = []): Record<string, string> => ({
  'proc/self/status': `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${allowed}\n`,
  ...Object.fromEntries(
    siblings.map((list, cpu) => [
      `sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`,
      `${list}\n`,
    ]),
  ),
})
