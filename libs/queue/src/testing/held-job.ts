// For the tests of this folder: a worker process that takes a job and never finishes it. Argument: the server's socket.
import { startConsumer } from '../consume.js'
import { TEST_RECOVERY, silent } from './setup.js'

const path = process.argv[2] ?? ''
await startConsumer({
  redis: { path, maxRetriesPerRequest: null },
  concurrency: 1,
  recovery: TEST_RECOVERY,
  log: silent,
  run: (id) => {
    process.stdout.write(`${id}\n`)
    return new Promise(() => {})
  },
  onFailed: async () => {},
})
// The test that started it may be killed.
process.stdin.resume().on('end', () => process.exit())
