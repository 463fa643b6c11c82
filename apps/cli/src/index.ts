// What tests and benchmarks may use of the commands.
export { type ReplayReport, replayGolden, summary } from './replay/replay-golden.js'
