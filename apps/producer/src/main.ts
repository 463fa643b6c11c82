// The producer process: configuration, server, one line when it is ready, and an orderly end.
import 'reflect-metadata'
import { CohortError, faultLine, sentenceOf } from '@cohort/contracts'
import { activeTrace, nowMs, openLog, standardError, startTracing } from '@cohort/telemetry'
import { readConfig, type ProducerConfig } from './config.js'
import { startProducer } from './server.js'

const EXIT = { done: 0, failed: 1, misconfigured: 2 } as const

/** Whoever read our output may have died before us: that must not break off the drain. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

process.exit(await main())

async function main(): Promise<number> {
  const config = configuration()
  if (config === undefined) return EXIT.misconfigured
  const { logLevel: level, logFormat: format } = config
  const log = openLog({ app: 'producer', level, format, ...standardError(), nowMs, context: activeTrace })
  const stopAsked = stopSignal()
  try {
    const tracing = await startTracing(config.tracing, { service: 'cohort-producer', log })
    const producer = await startProducer(config, log, tracing)
    process.stdout.write(`producer ready: ${producer.url}\n`)
    log.info('draining: nothing new is taken', { reason: await stopAsked })
    await producer.stop()
    await tracing?.stop()
    return EXIT.done
  } catch (error) {
    process.stderr.write(`producer did not start: ${reasonOf(error, config)}\n`)
    log.debug('start', { error })
    return EXIT.failed
  }
}

function configuration(): ProducerConfig | undefined {
  try {
    return readConfig()
  } catch (error) {
    if (!(error instanceof CohortError)) throw error
    for (const fault of error.errors) process.stderr.write(`${faultLine(fault)}\n`)
    return undefined
  }
}

/** What a person can change, in a sentence. The table's advice is for callers of a process that runs. */
function reasonOf(error: unknown, { host, port }: ProducerConfig): string {
  if (error instanceof CohortError && error.code === 'redis_unavailable') return error.message
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  return isTaken ? `port ${port} on ${host} is in use: choose another by PORT=…` : sentenceOf(error)
}

/** A signal, or the end of the parent that opened a channel. Those that come later change nothing. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(event, () => resolve(event))
    // Gone before this line: the event has been, and nobody heard it.
    if (process.connected === false && process.channel === null) resolve('disconnect')
  })
}
