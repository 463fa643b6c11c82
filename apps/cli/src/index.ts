// What tests may use of the commands.
export { type ReplayReport, replayGolden, summary } from './replay/replay-golden.js'
