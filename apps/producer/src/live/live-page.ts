// The live page at `/`, its files beside it, and the events that it is made of.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { EventStreams } from '../http/event-streams.js'
import type { LiveFeed } from './feed.js'

/** tsc copies neither HTML nor CSS: the folder is as far from dist as from src. */
const FOLDER = new URL('../../page/', import.meta.url)

/** Each is a stream of events; they are not counted with those of batches, so neither takes the other's place. */
export const PAGE_STREAMS_LIMITS = { streams: 64, steps: 0, named: 'live pages are open' }

/** Nothing from elsewhere, nothing inline: a name that somebody else chose stays text whatever it holds. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function serveLivePage(app: NestFastifyApplication, feed: LiveFeed, streams: EventStreams): void {
  const server = app.getHttpAdapter().getInstance()
  for (const file of pageFiles()) {
    server.get(file.path, (request, reply) => answer(file, request, reply))
  }
  server.get('/live/events', (_request, reply) => streams.answer(reply, (signal) => feed.follow(signal)))
}

interface PageFile {
  readonly path: string
  readonly type: string
  readonly body: string
  readonly etag: string
}

/** Read once: they are some kilobytes, and change with the version alone. */
function pageFiles(): PageFile[] {
  const scripts = readdirSync(new URL('dist/', FOLDER)).filter((name) => name.endsWith('.js'))
  return [
    pageFile('/', 'index.html', 'text/html'),
    pageFile('/live/page.css', 'page.css', 'text/css'),
    pageFile('/live/mark.svg', 'mark.svg', 'image/svg+xml'),
    ...scripts.map((name) => pageFile(`/live/${name}`, `dist/${name}`, 'text/javascript')),
  ]
}

function pageFile(path: string, file: string, type: string): PageFile {
  const body = readFileSync(new URL(file, FOLDER), 'utf8')
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`
  return { path, type: `${type}; charset=utf-8`, body, etag }
}

function answer({ type, body, etag }: PageFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.headers({
    etag,
    'cache-control': 'no-cache',
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  return reply.type(type).send(body)
}
