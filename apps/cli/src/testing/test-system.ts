// For tests: a Redis, a producer and a worker of their own, as the demo starts them, with data that goes with them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cohort } from '@cohort/client'
import { readConfig } from '../config.js'
import { startSystem } from '../system.js'

export interface TestSystem {
  readonly url: string
  readonly cohort: Cohort
  stop(): Promise<void>
}

export async function startTestSystem(): Promise<TestSystem> {
  const dir = mkdtempSync(join(tmpdir(), 'cohort-cli-'))
  const config = readConfig({ ...process.env, REDIS_URL: '', COHORT_DIR: dir })
  const options = { config, workers: 1, anyPort: true, verbose: false, say: () => {} }
  const system = await startSystem(options, new AbortController().signal)
  const cohort = new Cohort({ url: system.url })
  await cohort.ready()
  const stop = async () => {
    await system.stop()
    rmSync(dir, { recursive: true })
  }
  return { url: system.url, cohort, stop }
}
