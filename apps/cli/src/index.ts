// What tests and benchmarks may use of the commands.
export { readConfig } from './config.js'
export { integerFlag, parseFlags } from './flags.js'
export { startProcess } from './processes.js'
export { type ReplayReport, replayGolden, summary } from './replay/replay-golden.js'
export { untilStopped } from './stop-signal.js'
export { startSystem, type System } from './system.js'
