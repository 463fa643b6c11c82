// What tracing costs: throughput and latency with none, one in a hundred, and all of the requests traced.
// Three whole systems are up at once and measured in turn; a receiver takes in their spans and counts them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Benchmark, RunOptions } from './support/benchmark.js'
import { compare, type LoadCase } from './support/compare.js'
import { type CaseResult, generatorPart, ratiosOf, rowsOf } from './support/figures.js'
import { type Receiver, startReceiver, untilQuiet } from './support/receiver.js'
import type { Findings } from './support/report.js'
import { Subject, type Variant } from './support/subject.js'
import { checkTraces } from './support/trace-check.js'

interface TracedVariant {
  readonly name: string
  /** What its spans go by at the receiver. */
  readonly sender: string
  /** The part of the requests that is traced. */
  readonly part: number
}

/** The first one is what the others are held against. */
const VARIANTS: readonly TracedVariant[] = [
  { name: 'off', sender: 'off', part: 0 },
  { name: '1%', sender: 'few', part: 0.01 },
  { name: '100%', sender: 'all', part: 1 },
]

const CASES: readonly LoadCase[] = [
  {
    name: 'batched',
    lanes: 4,
    agentsEach: 2048,
    shows: 'throughput',
    about: '4 requests in flight, each of 2,048 agents',
  },
  {
    name: 'lone',
    lanes: 64,
    agentsEach: 1,
    shows: 'throughput',
    about: '64 requests in flight, each of one agent: the most requests, and so the most spans, a step',
  },
  {
    name: 'unloaded',
    lanes: 1,
    agentsEach: 1,
    shows: 'latency',
    about: 'one request in flight, of one agent',
  },
]

export const telemetry: Benchmark = {
  does: 'what tracing costs: off, 1 % and 100 % of the requests',
  cases: CASES.map(({ name }) => name),
  defaults: { rounds: 12, seconds: 1 },
  run,
}

/** A little longer than spans wait to be sent. */
const QUIET_MS = 1200

async function run(options: RunOptions): Promise<Findings> {
  const dir = await mkdtemp(join(tmpdir(), 'cohort-bench-'))
  try {
    const receiver = await startReceiver(dir, options.signal)
    try {
      const { results, traces } = await measureAll(receiver, { ...options, dir })
      return {
        rows: results.flatMap(rowsOf),
        ratios: results.flatMap(ratiosOf),
        notes: [...notesOn(results, options), ...traces],
      }
    } finally {
      await receiver.stop()
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

interface TracedSubject {
  readonly traced: TracedVariant
  readonly subject: Subject
}

interface Measurements {
  readonly results: CaseResult[]
  /** What is to be said of the spans that came. */
  readonly traces: string[]
}

async function measureAll(receiver: Receiver, options: RunOptions & { dir: string }): Promise<Measurements> {
  const subjects: TracedSubject[] = []
  const stop = () => Promise.all(subjects.map(({ subject }) => subject.stop()))
  try {
    for (const traced of VARIANTS) {
      subjects.push({ traced, subject: await Subject.start(variantOf(traced, receiver), options) })
    }
    const results = await runCases(receiver, subjects, options)
    // A system that has ended has sent all that it had to send.
    await stop()
    return { results, traces: await checkAll(receiver, subjects, results) }
  } finally {
    await stop()
  }
}

function variantOf({ name, sender, part }: TracedVariant, receiver: Receiver): Variant {
  if (part === 0) return { name, environment: {} }
  const sampler =
    part === 1
      ? { OTEL_TRACES_SAMPLER: 'always_on' }
      : { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: String(part) }
  return { name, environment: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpointFor(sender), ...sampler } }
}

async function runCases(
  receiver: Receiver,
  traced: readonly TracedSubject[],
  options: RunOptions,
): Promise<CaseResult[]> {
  const senders = new Map(traced.map(({ subject, traced: { sender } }) => [subject, sender]))
  const settle = (subject: Subject) => untilQuiet(receiver, senders.get(subject) ?? '', QUIET_MS)
  const results: CaseResult[] = []
  for (const shape of CASES.filter(({ name }) => options.cases.includes(name))) {
    options.say(`${shape.name}: ${shape.about}`)
    results.push({ shape, compared: await compare([...senders.keys()], shape, { ...options, settle }) })
  }
  return results
}

async function checkAll(
  receiver: Receiver,
  subjects: readonly TracedSubject[],
  results: readonly CaseResult[],
): Promise<string[]> {
  const compared = results.flatMap((result) => result.compared)
  const checks = subjects.map(async ({ traced: { name, sender, part }, subject }) => {
    const ofSubject = compared.filter((one) => one.subject === subject)
    const requests = ofSubject.reduce((sum, one) => sum + one.requests, 0)
    const [spans, log] = await Promise.all([receiver.countsOf(sender), subject.logLines()])
    return checkTraces({ variant: name, part, requests, spans, log })
  })
  return (await Promise.all(checks)).flat()
}

function notesOn(results: readonly CaseResult[], { rounds, seconds }: RunOptions): string[] {
  return [
    'agents of grid5-noisy; every answer was checked, and the actions are the same to the bit in all variants',
    'each variant is a Redis, a producer and a worker of its own; all are up at once, idle while another works; ' +
      'their threads are not pinned, since they share the cores',
    `rounds: ${rounds}, in changing order, each about ${seconds} s; a ratio is the median of the rounds’`,
    'CPU time: of producer and worker, until the last span is sent; there and of latencies (p50), less is better',
    ...results.map((result) => {
      const percent = (100 * generatorPart(result)).toFixed(0)
      return `${result.shape.name}: ${result.shape.about}; the load generator took ${percent} % of one core`
    }),
  ]
}
