// The page at /queues: Bull Board over the queue, served from here alone, in a scope of its own under Nest's routes.
import { FastifyAdapter } from '@bull-board/fastify'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { StepQueue } from '@cohort/queue'
import type { FastifyInstance } from 'fastify'

const PAGE = '/queues'

/** Its page has styles inline; scripts come as files. Whatever else it might ask for elsewhere is not loaded. */
const POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The page would load fonts over the network: without that line it takes those of the system. */
const ELSEWHERE = /<link [^>]*href="https?:[^>]*>/g

/** Bull Board has its links to other pages in a menu behind a sign: the way back is in sight, in its own colours. */
const BACK =
  '<a href="/" style="position:fixed;left:12px;bottom:40px;z-index:101;padding:6px 14px;border-radius:99px;' +
  'border:1px solid var(--border);background:var(--card);color:var(--foreground);text-decoration:none;' +
  'font:14px system-ui,sans-serif">← Live page</a>'
const BODY = /<body[^>]*>/

/** Read only; libs/queue/src/board.ts says why. */
export async function serveQueues(
  app: NestFastifyApplication,
  queue: Pick<StepQueue, 'show'>,
): Promise<void> {
  const server = new FastifyAdapter().setBasePath(PAGE)
  await queue.show(server)
  // A scope: its error handler and its template engine stay in it.
  const scope = async (fastify: FastifyInstance) => {
    fastify.addHook('onSend', async (_request, reply, payload) => {
      void reply.headers({ 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' })
      const isPage = String(reply.getHeader('content-type')).startsWith('text/html')
      if (!isPage || typeof payload !== 'string') return payload
      return payload.replace(ELSEWHERE, '').replace(BODY, (body) => `${body}${BACK}`)
    })
    await fastify.register(server.registerPlugin())
  }
  await app.register(scope, { prefix: PAGE })
}
