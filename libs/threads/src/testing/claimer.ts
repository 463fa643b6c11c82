// A process that claims CPUs and holds them until its standard input ends. Started by ../claim.test.ts
import { claimCpus } from '../machine/claim.js'

const [allowed = '', wanted] = process.argv.slice(2)
const { cpus, note } = await claimCpus(allowed.split(',').map(Number), Number(wanted))
process.stdout.write(`${JSON.stringify({ cpus, note })}\n`)
process.stdin.resume()
