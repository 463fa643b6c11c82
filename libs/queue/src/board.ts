// leg: queue. The queue for a person who looks: Bull Board over it, read only. The pages are served by the producer.
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import type { IServerAdapter, JobStatus } from '@bull-board/api/typings/app'
import type { Job, Queue } from 'bullmq'
import type { QueueLog } from './log.js'

export type BoardServer = IServerAdapter

/** One line, for whoever looks for the buttons. */
const DESCRIPTION =
  'Read only: a retry could apply steps twice, a delete lose them. What is done is gone; what failed stays for an hour.'

/**
 * Hands Bull Board's routes to a server. Nothing is ever changed: the queue is registered as read only, and whatever is
 * not a GET is refused before it reaches Bull Board. For a retry would run a job whose caller was told that it failed,
 * and may have sent its steps again; and a job that waits is the only copy of steps that were acknowledged.
 */
export function showQueue(queue: Queue, server: BoardServer, log: QueueLog): void {
  const adapter = new StepsAdapter(queue, log)
  adapter.setFormatter('data', (data: unknown) => shortened(data))
  createBullBoard({
    queues: [adapter],
    serverAdapter: server,
    options: {
      uiConfig: {
        boardTitle: 'Cohort',
        boardLogo: { path: MARK, width: 28, height: 28 },
        favIcon: { default: MARK, alternative: MARK },
        hideDocsLink: true,
        // It looks for connections with names that BullMQ gives; ours have their own. The live page shows the workers.
        showWorkers: false,
        miscLinks: [
          { text: 'Live page', url: '/' },
          { text: 'API', url: '/docs' },
          { text: 'Metrics', url: '/metrics' },
        ],
        theme: { light: FONTS, dark: FONTS },
      },
      handlerHooks: {
        before: ({ method }) => ({
          allow: method === 'get',
          status: 405,
          errorKey: 'ERRORS.QUEUE_READ_ONLY',
        }),
      },
    },
  })
}

/** The producer has it for its live page. */
const MARK = '/live/mark.svg'
/** Bull Board's own come over the network. */
const FONTS = { 'font-sans': 'system-ui, sans-serif', 'font-mono': 'ui-monospace, monospace' }

class StepsAdapter extends BullMQAdapter {
  readonly #queue: Queue
  readonly #log: QueueLog

  constructor(queue: Queue, log: QueueLog) {
    super(queue, { readOnlyMode: true, description: DESCRIPTION })
    this.#queue = queue
    this.#log = log
  }

  /** The tabs: no job of ours has children, is paused, or is kept once it is done. */
  override getJobStatuses(): JobStatus[] {
    return ['waiting', 'prioritized', 'delayed', 'active', 'failed']
  }

  /** One job that BullMQ cannot read (anyone may put it there) is left out, and does not keep the page from opening. */
  override async getJobs(states: JobStatus[], start = 0, end = -1): Promise<Job[]> {
    // Bull Board's word for a state that BullMQ has no more.
    const known = states.filter((state) => state !== 'paused')
    const ids = await this.#queue.getRanges(known, start, end)
    const jobs = await Promise.all(ids.map((id) => this.#read(id)))
    return jobs.filter((job) => job !== undefined)
  }

  async #read(id: string): Promise<Job | undefined> {
    try {
      return await this.#queue.getJob(id)
    } catch (error) {
      this.#log.debug('a job cannot be shown', { job: id, error })
      return undefined
    }
  }
}

/** A model's id has 64 characters, and is shown whole. */
const MOST_CHARACTERS = 80
const MOST_ENTRIES = 16
const MOST_LEVELS = 8

/** Any data, short enough for an eye: observations are kilobytes of base64, and origins go into the thousands. */
function shortened(data: unknown, level = 0): unknown {
  if (typeof data === 'string') {
    const { length } = data
    return length <= MOST_CHARACTERS ? data : `${data.slice(0, 32)}… (${length} characters)`
  }
  if (typeof data !== 'object' || data === null) return data
  if (level === MOST_LEVELS) return '…'
  if (!Array.isArray(data))
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, shortened(value, level + 1)]))
  const shown = data.slice(0, MOST_ENTRIES).map((entry) => shortened(entry, level + 1))
  return data.length <= MOST_ENTRIES ? shown : [...shown, `… (${data.length} in all)`]
}
