// The chart that explains where a request's time goes: the nine legs in one bar, in the order of the way.
import { byId, make, setText } from './dom.js'
import { count, duration, percent } from './format.js'
import type { LegSeen, RequestsSeen } from './snapshot.js'

/** What happens in each; a leg that is not here is shown by its name alone. */
const MEANS: Readonly<Record<string, string>> = {
  admit: 'it is checked and counted',
  gather: 'it waits to share a job with others',
  queue: 'its job waits for a worker',
  take: 'the job is decoded and checked',
  load: 'its agents come from Redis',
  dispatch: 'it waits for a thread',
  compute: 'threads step its agents',
  commit: 'beliefs and result go to Redis',
  notify: 'the answer is put together',
}

interface Row {
  readonly segment: HTMLElement
  readonly name: HTMLElement
  readonly mean: HTMLElement
  readonly share: HTMLElement
}

/** Returns what draws it anew. */
export function openLegs(): (requests: RequestsSeen) => void {
  const rows = new Map<string, Row>()
  for (const leg of Object.keys(MEANS)) rows.set(leg, openRow(leg))
  const aside = byId('legs-aside')
  return ({ legs, ended, seconds }) => {
    const totalMs = legs.reduce((sum, { meanMs }) => sum + meanMs, 0)
    for (const leg of legs) drawRow(rows.get(leg.leg) ?? openRow(leg.leg), leg, totalMs)
    byId('legs-bar').classList.toggle('empty', ended === 0)
    if (ended === 0) return setText(aside, `no request ended in the last ${seconds} s`)
    byId('legs-bar').setAttribute('aria-label', inWords(legs, totalMs))
    const requests = `${count(ended)} request${ended === 1 ? '' : 's'}`
    setText(aside, `${duration(totalMs)} in all: the mean of ${requests}, the last ${seconds} s`)
  }
}

function openRow(leg: string): Row {
  const name = make('span', 'name', leg)
  const segment = make('div', `segment ${leg}`, name)
  segment.title = `${leg}: ${MEANS[leg] ?? ''}`
  const mean = make('span', 'mean', '–')
  const share = make('span', 'share', '')
  byId('legs-bar').append(segment)
  byId('legs').append(
    make(
      'li',
      leg,
      make('span', 'swatch'),
      make('span', 'name', leg),
      mean,
      share,
      make('span', 'means', MEANS[leg] ?? ''),
    ),
  )
  return { segment, name, mean, share }
}

function drawRow({ segment, name, mean, share }: Row, { meanMs }: LegSeen, totalMs: number): void {
  const part = totalMs === 0 ? 0 : meanMs / totalMs
  segment.style.flexGrow = String(part)
  name.hidden = part < 0.075
  setText(mean, duration(meanMs))
  setText(share, percent(part))
}

const inWords = (legs: readonly LegSeen[], totalMs: number): string =>
  `${duration(totalMs)} on average: ${legs.map(({ leg, meanMs }) => `${leg} ${duration(meanMs)}`).join(', ')}`
