// Puts `cohort doctor` together: every probe at once, each bounded in time, nothing changed on the machine.
import { lookAtServer } from '@cohort/store'
import type { CliConfig } from '../config.js'
import { type Check, type DoctorReport, reportOf } from './check.js'
import { kernelChecks } from './kernel.js'
import { machineChecks, machineFacts } from './machine.js'
import { memoryChecks, memoryFacts } from './memory.js'
import { nodeChecks, nodeFacts } from './node.js'
import { ownRedisChecks, ownRedisFacts } from './own-redis.js'
import { pinningChecks, pinningFacts } from './pinning.js'
import { redisChecks, workerChecks } from './redis.js'
import { readSettings, type Settings, settingsChecks } from './settings.js'
import { noTelemetry, sendNothing, telemetryChecks } from './telemetry.js'

const REDIS_MS = 3_000

export async function examine(config: CliConfig): Promise<DoctorReport> {
  const settings = readSettings(config.environment)
  const checks = await Promise.all([
    nodeChecks(nodeFacts()),
    settingsChecks(settings),
    threadChecks(settings),
    memoryChecks(memoryFacts(), settings.arenaBytes),
    serverChecks(config),
    kernelChecks(),
    traceChecks(settings),
  ])
  return reportOf(checks.flat())
}

async function threadChecks({ threads, pinning }: Settings): Promise<Check[]> {
  const machine = machineFacts()
  const wanted = { pinning, threads: threads ?? machine.defaultThreads, told: threads !== undefined }
  return [...machineChecks(machine, threads), ...pinningChecks(await pinningFacts(), wanted)]
}

async function serverChecks(config: CliConfig): Promise<Check[]> {
  if (config.redisUrl === undefined)
    return [...ownRedisChecks(await ownRedisFacts(config)), ...workerChecks(undefined)]
  const look = await lookAtServer(config.redisUrl, REDIS_MS)
  return [...redisChecks(look), ...workerChecks(look)]
}

async function traceChecks({ tracing, set }: Settings): Promise<Check[]> {
  return tracing === undefined ? noTelemetry(set) : telemetryChecks(tracing, await sendNothing(tracing))
}
