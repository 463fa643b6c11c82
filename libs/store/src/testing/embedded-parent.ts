// For tests: a process with an embedded server, to be killed. Argument: its directory. Says url and pids when ready.
import { findRedisServer, startEmbedded } from '../embedded.js'

const dir = process.argv[2] ?? ''
const executable = findRedisServer(process.env['PATH'] ?? '', process.env['COHORT_REDIS_SERVER']) ?? ''
const { url, pid } = await startEmbedded({ dir, executable, log: () => {} })
process.stdout.write(`${JSON.stringify({ url, pid })}\n`)
// The test that started it may be killed.
process.stdin.resume().on('end', () => process.exit())
