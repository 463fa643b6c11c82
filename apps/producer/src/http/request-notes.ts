// What is known of a request beside what Fastify knows: its route in our spelling, its span, its refusal's code.
import type { ErrorCode } from '@cohort/contracts'
import type { RequestSpan } from '@cohort/telemetry'
import type { FastifyRequest } from 'fastify'
import { ROUTES } from './routes.js'

/** What is not in the table of routes: the pages, and paths that are not there. Callers choose those. */
const OTHER = 'other'

/** As Fastify writes a path → as the table of routes does. */
const PATHS: ReadonlyMap<string, string> = new Map(
  ROUTES.map(({ path }) => [path.replace(/\{(\w+)\}/g, ':$1'), path]),
)
const LABELS: ReadonlySet<string> = new Set(
  ROUTES.map(({ method, path }) => `${method.toUpperCase()} ${path}`),
)

/** Undefined for what is not in the table. */
export const routePathOf = ({ routeOptions: { url = '' } }: FastifyRequest): string | undefined =>
  PATHS.get(url)

/** Method and path: the one form in which a request may be a label. */
export function routeOf(request: FastifyRequest): string {
  const label = `${request.method} ${routePathOf(request)}`
  return LABELS.has(label) ? label : OTHER
}

export const isListed = (route: string): boolean => route !== OTHER

const spans = new WeakMap<FastifyRequest, RequestSpan>()
const refusals = new WeakMap<FastifyRequest, ErrorCode>()

/** Undefined where nothing is traced. */
export const spanOf = (request: FastifyRequest): RequestSpan | undefined => spans.get(request)
export const noteSpan = (request: FastifyRequest, span: RequestSpan): void => void spans.set(request, span)

export const refusalOf = (request: FastifyRequest): ErrorCode | undefined => refusals.get(request)

/** To be told before the answer is sent. */
export function noteRefusal(request: FastifyRequest, code: ErrorCode): void {
  spans.get(request)?.note({ code })
  refusals.set(request, code)
}
