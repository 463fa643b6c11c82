// The chart that explains where a request's time goes: the nine legs in one bar, in the order of the way.
import { byId, make, setFigure, setText } from './dom.js'
import { count, duration, NOTHING, percent } from './format.js'
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
  readonly mean: HTMLElement
  readonly share: HTMLElement
}

/** Returns what draws it anew; `empty`: what the bar says where no request ended. */
export function openLegs(): (requests: RequestsSeen, empty: string) => void {
  const rows = new Map<string, Row>()
  for (const leg of Object.keys(MEANS)) rows.set(leg, openRow(leg))
  const aside = byId('legs-aside')
  const bar = byId('legs-bar')
  return ({ legs, ended, seconds }, empty) => {
    const totalMs = legs.reduce((sum, { meanMs }) => sum + meanMs, 0)
    for (const leg of legs) drawRow(rows.get(leg.leg) ?? openRow(leg.leg), leg, totalMs)
    bar.classList.toggle('empty', ended === 0)
    bar.setAttribute('aria-label', ended === 0 ? empty : inWords(legs, totalMs))
    if (ended === 0) {
      for (const row of rows.values()) clearRow(row)
      setText(byId('legs-empty'), empty)
      return setText(aside, 'the mean of each leg of the way')
    }
    const requests = `${count(ended)} request${ended === 1 ? '' : 's'}`
    setText(aside, `${duration(totalMs)} in all: the mean of ${requests}, the last ${seconds} s`)
  }
}

function openRow(leg: string): Row {
  const segment = make('div', `segment ${leg}`, make('span', 'name', leg))
  segment.title = `${leg}: ${MEANS[leg] ?? ''}`
  const mean = make('span', 'mean nothing', NOTHING)
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
  return { segment, mean, share }
}

function drawRow({ segment, mean, share }: Row, { meanMs }: LegSeen, totalMs: number): void {
  const part = totalMs === 0 ? 0 : meanMs / totalMs
  segment.style.flexGrow = String(part)
  setFigure(mean, duration(meanMs))
  setText(share, percent(part))
}

function clearRow({ mean, share }: Row): void {
  setFigure(mean, undefined)
  setText(share, '')
}

const inWords = (legs: readonly LegSeen[], totalMs: number): string =>
  `${duration(totalMs)} on average: ${legs.map(({ leg, meanMs }) => `${leg} ${duration(meanMs)}`).join(', ')}`
