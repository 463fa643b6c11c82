// Holds the spans that came from a system against the requests that it was sent.
import { CohortError, LEGS, type Leg } from '@cohort/contracts'
import { type Counts, totalOf } from './spans.js'

export interface Traced {
  readonly variant: string
  /** The part of the requests that should be traced, 0 to 1. */
  readonly part: number
  /** Requests for steps that it was sent. */
  readonly requests: number
  /** Spans received from it, by name. */
  readonly spans: Counts
  /** Lines of its log. */
  readonly log: readonly string[]
}

const REQUEST = 'POST /v1/steps'
const PROCESS = 'process steps'
const OF_A_REQUEST: readonly Leg[] = ['admit', 'gather', 'notify']
/** Chance misses an expected number by more than so many standard deviations once in 500 million runs. */
const DEVIATIONS = 6
/** A system that loses more than this part of its spans was not measured with them, whatever its log says. */
const MOST_LOST = 0.01

/**
 * Sentences on what came. Throws where spans came that should not, where the number of traced requests is not what the
 * sampler was told, or where spans are missing and the system's log does not say so, or more than a hundredth.
 */
export function checkTraces({ variant, part, requests, spans, log }: Traced): string[] {
  const traced = spans[REQUEST] ?? 0
  const what = `'${variant}': ${traced} of ${requests} requests traced, ${totalOf(spans)} spans received`
  const lost = log.filter((line) => /"level":"(warn|error)".*\bspans\b/.test(line))
  const expected = part * requests
  if (traced > requests || (part === 0 && totalOf(spans) > 0)) throw unexpected(what, expected)
  const gaps = part === 0 ? [] : gapsOf(spans)
  const told = gaps.map(({ of, there, leg, whole }) => `${there} spans '${leg}' for ${of} '${whole}'`)
  const off = chanceOf(expected, part)
  const least = expected - off
  const [few, many] = [traced < least, traced > expected + off]
  const isMuch = traced < (1 - MOST_LOST) * least || gaps.some(isWide)
  if (many || isMuch || ((few || gaps.length > 0) && lost.length === 0)) {
    throw unexpected([what, ...told].join('; '), expected)
  }
  return lost.length === 0 ? [what] : [`${what}; spans were lost, its log says so: ${lost[0]}`, ...told]
}

/** How far from `expected` chance may lead: a little more where few are expected, since it is lopsided there. */
const chanceOf = (expected: number, part: number): number =>
  part < 1 ? DEVIATIONS * (Math.sqrt(expected * (1 - part)) + 1) : 0

interface Gap {
  readonly leg: Leg
  readonly there: number
  /** What has one of it each. */
  readonly whole: string
  readonly of: number
}

const isWide = ({ there, of }: Gap): boolean => Math.abs(of - there) > MOST_LOST * Math.max(of, there)

/** A request has its legs, and a job, or the copy of a job in a request's trace, has the others. */
function gapsOf(spans: Counts): Gap[] {
  return LEGS.flatMap((leg) => {
    const whole = OF_A_REQUEST.includes(leg) ? REQUEST : PROCESS
    const [of, there] = [spans[whole] ?? 0, spans[leg] ?? 0]
    return of === there ? [] : [{ leg, there, whole, of }]
  })
}

const unexpected = (what: string, expected: number): CohortError =>
  new CohortError(
    'internal',
    `${what}; expected were about ${Math.round(expected)} requests, with all their spans`,
  )
