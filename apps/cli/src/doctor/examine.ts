// Puts `cohort doctor` together: every probe at once, each bounded in time, nothing changed but by a measurement.
import { lookAtServer, type ServerLook } from '@cohort/store'
import { readTopology, readVerdict } from '@cohort/threads'
import type { CliConfig } from '../config.js'
import { type RunningSystem, runningSystems } from '../running.js'
import { type Check, type DoctorReport, reportOf } from './check.js'
import { kernelChecks } from './kernel.js'
import { machineChecks, machineFacts } from './machine.js'
import { memoryChecks, memoryFacts } from './memory.js'
import { nodeChecks, nodeFacts } from './node.js'
import { ownRedisChecks, ownRedisFacts } from './own-redis.js'
import { measurePinning } from './measure/measure.js'
import { measuredCheck, pinningChecks, pinningFacts } from './pinning.js'
import { probed } from './probed.js'
import { redisChecks, workerChecks } from './redis.js'
import { readSettings, type Settings, settingsChecks } from './settings.js'
import { systemChecks, systemsSeen } from './system.js'
import { noTelemetry, sendNothing, telemetryChecks } from './telemetry.js'

const REDIS_MS = 3_000

/** `measure`: pinned threads are compared with unpinned ones first, alone, so that no probe disturbs them. */
export async function examine(config: CliConfig, { measure = false } = {}): Promise<DoctorReport> {
  const settings = readSettings(config.environment)
  const measured = measure ? await probed('pinning', () => measureChecks(settings, config)) : undefined
  const systems = runningSystems(config.dir)
  const examined = redisIn(config, systems)
  const server = lookAt(examined)
  const checks = await Promise.all([
    probed('node', () => nodeChecks(nodeFacts())),
    probed('settings', () => settingsChecks(settings)),
    probed('machine', () => machineChecks(machineFacts(), settings.threads)),
    probed('pinning', () => threadChecks(settings, config)),
    measured ?? probed('pinning', () => lastMeasured(config)),
    probed('memory', () => memoryChecks(memoryFacts(), settings.arenaBytes)),
    probed('system', async () => systemChecks(await systemsSeen(systems), examined?.url)),
    probed('redis', () => serverChecks(config, examined, server)),
    probed('workers', async () => workerChecks(await server)),
    probed('kernel', kernelChecks),
    probed('telemetry', () => traceChecks(settings)),
  ])
  return reportOf(checks.flat())
}

interface Examined {
  readonly url: string
  /** Where it keeps its data, if a system of this folder started it. */
  readonly data: string | undefined
}

/** The one that is given, or that of the system that runs in this folder. */
function redisIn({ redisUrl }: CliConfig, systems: readonly RunningSystem[]): Examined | undefined {
  const ours = systems.flatMap(({ redis }) => redis ?? [])
  if (redisUrl === undefined) return ours[0]
  return { url: redisUrl, data: ours.find(({ url }) => url === redisUrl)?.data }
}

const lookAt = async (server: Examined | undefined): Promise<ServerLook | undefined> =>
  server === undefined ? undefined : lookAtServer(server.url, REDIS_MS)

const threadChecks = async (settings: Settings, { dir }: CliConfig): Promise<Check[]> =>
  pinningChecks(await pinningFacts(dir), settings)

const measureChecks = async ({ threads }: Settings, { dir }: CliConfig): Promise<Check[]> => [
  measuredCheck(undefined, await measurePinning(threads, dir)),
]

const lastMeasured = ({ dir }: CliConfig): Check[] => [measuredCheck(readVerdict(dir, readTopology()))]

async function serverChecks(
  config: CliConfig,
  examined: Examined | undefined,
  server: Promise<ServerLook | undefined>,
): Promise<Check[]> {
  const look = await server
  return look === undefined ? ownRedisChecks(await ownRedisFacts(config)) : redisChecks(look, examined?.data)
}

async function traceChecks({ tracing, set }: Settings): Promise<Check[]> {
  return tracing === undefined ? noTelemetry(set) : telemetryChecks(tracing, await sendNothing(tracing))
}
