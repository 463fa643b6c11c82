// The live page: each second's snapshot, put where it belongs.
import { openChart, SPAN_MS } from './chart.js'
import { byId, make, setFigure, setText, svgById } from './dom.js'
import { count, duration, percent } from './format.js'
import { openLegs } from './legs.js'
import type { Point, Snapshot } from './snapshot.js'
import { follow, type Connection } from './stream.js'
import { openWorkers } from './workers.js'

const drawThroughput = openChart({
  svg: svgById('throughput'),
  series: ['stepsPerSecond'],
  format: count,
  tell: (now, most) => `Steps per second over the last minute: now ${count(now)}, at most ${count(most)}`,
})
const drawLatency = openChart({
  svg: svgById('latency'),
  series: ['p50', 'p95', 'p99'],
  format: duration,
  tell: (now, most) => `Median latency over the last minute: now ${duration(now)}, at most ${duration(most)}`,
})
const drawLegs = openLegs()
const drawWorkers = openWorkers()
let points: readonly Point[] = []
let hasSteps = false

follow('/live/events', { onSnapshot: show, onConnection: showConnection })

function show(snapshot: Snapshot): void {
  const { now, requests, system } = snapshot
  const { stepsPerSecond } = now
  points = withNew(points, snapshot)
  hasSteps ||= seesSteps(snapshot)
  setFigure(byId('steps-per-second'), stepsPerSecond === undefined ? undefined : count(stepsPerSecond))
  for (const name of ['p50', 'p95', 'p99'] as const) {
    const ms = now[name]
    setFigure(byId(name), ms === undefined ? undefined : duration(ms))
  }
  setText(
    byId('latency-aside'),
    `of the ${count(requests.waited)} requests that waited, the last ${requests.seconds} s`,
  )
  const empty = (what: string) => (hasSteps ? what : 'waiting for the first step')
  // A line along the floor says that nothing is done any more; before the first step there is nothing to say.
  drawThroughput(hasSteps ? points : [], empty('no worker was heard of in the last minute'))
  drawLatency(points, empty('no request waited in the last minute'))
  drawLegs(requests, empty(`no request ended in the last ${requests.seconds} s`))
  showQueue(snapshot)
  drawWorkers(system?.workers)
  showNotice(noticeOf(snapshot))
  document.title = stepsPerSecond === undefined ? 'Cohort' : `${count(stepsPerSecond)} steps/s · Cohort`
}

function seesSteps({ now, minute = [], requests, system }: Snapshot): boolean {
  const hasStepped = [now, ...minute].some(({ stepsPerSecond = 0 }) => stepsPerSecond > 0)
  return requests.ended > 0 || hasStepped || (system?.workers.some(({ steps }) => steps > 0) ?? false)
}

/** The first message brings the minute that others have seen; of what this page has seen itself nothing is lost. */
function withNew(known: readonly Point[], { now, minute = [] }: Snapshot): readonly Point[] {
  const all = new Map([...known, ...minute, now].map((point) => [point.atMs, point]))
  return [...all.values()]
    .filter(({ atMs }) => atMs > now.atMs - SPAN_MS && atMs <= now.atMs)
    .toSorted((one, other) => one.atMs - other.atMs)
}

function showQueue({ system, waiting }: Snapshot): void {
  setFigure(byId('queue-waiting'), system && count(system.queue.waiting))
  setFigure(byId('queue-active'), system && count(system.queue.active))
  setFigure(byId('queue-oldest'), system && duration(system.queue.oldestMs))
  setFigure(byId('waiting'), count(waiting.steps))
  const part = Math.min(1, waiting.steps / waiting.limit)
  const meter = byId('waiting-meter')
  meter.setAttribute('aria-valuenow', (100 * part).toFixed(0))
  meter.classList.toggle('full', part > 0.9)
  meter.classList.remove('nothing')
  const fill = meter.firstElementChild
  if (fill instanceof HTMLElement) fill.style.width = `${100 * part}%`
  setText(
    byId('waiting-aside'),
    `${percent(part)} of ${count(waiting.limit)}, where this producer refuses more with 429`,
  )
}

type Notice = readonly [kind: 'hint' | 'trouble', title: string, text: string, command?: string]

function noticeOf({ system }: Snapshot): Notice | undefined {
  if (system === undefined)
    return [
      'trouble',
      'Redis does not answer.',
      'Queue and workers are not seen, and steps are refused, until it does.',
    ]
  if (system.workers.length === 0) {
    const text =
      'Steps wait on the queue until there is one. In the project’s folder, with the Redis of this producer:'
    return ['trouble', 'No worker is connected.', text, 'REDIS_URL=… npm run -s cohort -- worker']
  }
  if (hasSteps) return undefined
  const text = 'Everything is ready for the first ones. In the project’s folder:'
  return ['hint', 'No steps yet.', text, `sh examples/first-step.sh ${location.origin}`]
}

let shownNotice = ''

/** Written only when it changes: it is read out. */
function showNotice(notice: Notice | undefined): void {
  const next = JSON.stringify(notice ?? null)
  if (next === shownNotice) return
  shownNotice = next
  const place = byId('notice')
  place.hidden = notice === undefined
  if (notice === undefined) return place.replaceChildren()
  const [kind, title, text, command] = notice
  place.dataset['kind'] = kind
  place.replaceChildren(
    make('strong', '', title),
    ` ${text}`,
    ...(command === undefined ? [] : [make('code', '', command)]),
  )
}

const STATES = { open: 'live', lost: 'connection lost, trying again' } as const

function showConnection(connection: Connection): void {
  const state = byId('state')
  state.dataset['state'] = connection
  setText(state, STATES[connection])
  document.body.classList.toggle('stale', connection === 'lost')
}
