// What is read at a scrape: this producer's own counts, and what Redis knows of the queue and the workers.
import type { StepQueue } from '@cohort/queue'
import type { Store } from '@cohort/store'
import type { EventStreams } from '../http/event-streams.js'
import type { Notify } from '../steps/notify.js'
import type { WaitingSteps } from '../steps/waiting-steps.js'
import type { ProducerMetrics } from './steps-meter.js'

interface Watched {
  readonly store: Pick<Store, 'workers'>
  readonly queue: Pick<StepQueue, 'pressure'>
  readonly waiting: Pick<WaitingSteps, 'count' | 'limit'>
  readonly notify: Pick<Notify, 'outstanding'>
  readonly streams: Pick<EventStreams, 'size' | 'limits'>
}

export function watch(metrics: ProducerMetrics, { store, queue, waiting, notify, streams }: Watched): void {
  metrics.atScrape(['waitingSteps', 'waitingLimit', 'outstandingJobs', 'waitingRequests'], () => {
    const { jobs, requests } = notify.outstanding
    return {
      waitingSteps: waiting.count,
      waitingLimit: waiting.limit,
      outstandingJobs: jobs,
      waitingRequests: requests,
    }
  })
  metrics.atScrape(['eventStreams', 'eventStreamsLimit'], () => ({
    eventStreams: streams.size,
    eventStreamsLimit: streams.limits.streams,
  }))
  metrics.atScrape(['queueJobs', 'queueOldest'], async () => {
    const { byState, oldestMs } = await queue.pressure()
    return { queueJobs: Object.entries(byState), queueOldest: oldestMs / 1000 }
  })
  metrics.atScrape(['workersAlive', 'workerThreads'], async () => {
    const alive = await store.workers.list()
    return { workersAlive: alive.length, workerThreads: alive.reduce((sum, { threads }) => sum + threads, 0) }
  })
}
