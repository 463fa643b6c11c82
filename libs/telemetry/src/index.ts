// What a process says of itself: the log and the clock.
export { nowMs } from './clock.js'
export { LOG_LEVELS, openLog, SILENT, type Log, type LogLevel } from './log.js'
