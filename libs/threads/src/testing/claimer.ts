// A process that takes cores and holds them until its standard input ends. Started by ../machine/take-cores.test.ts
import { takeCores } from '../machine/take-cores.js'
import type { Wish } from '../machine/placement.js'

const wish = JSON.parse(process.argv[2] ?? '') as Omit<Wish, 'claimed' | 'quota'>
const { cpus, note } = await takeCores({ ...wish, quota: undefined }, 1024)
process.stdout.write(`${JSON.stringify({ cpus, note })}\n`)
process.stdin.resume()
