// The pages that a person looks at, in a real browser over a real system under load. With COHORT_SCREENSHOT=FILE.png
// the live page is also kept as a picture, once its charts are full.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Cohort } from '@cohort/client'
import { jobId, LEGS, type Job } from '@cohort/contracts'
import { openQueue } from '@cohort/queue'
import { connect } from '@cohort/store'
import type { Browser } from 'puppeteer-core'
import { aPopulation, sightings } from '../support/builders.js'
import { kill, start, terminate } from '../support/processes.js'
import { startSystem, type System } from '../support/system.js'
import { until } from '../support/until.js'
import { findChromium, startBrowser, view, type Viewed } from './browser.js'

const chromium = findChromium()
const skip = chromium === undefined ? 'no chromium on the PATH, and COHORT_CHROMIUM names none' : false
const picture = process.env['COHORT_SCREENSHOT']

let system: System
let browser: Browser
let live: Viewed
const stopLoad = new AbortController()
let load: Promise<unknown> = Promise.resolve()

const textOf = (selector: string) => `document.querySelector(${JSON.stringify(selector)}).textContent`
const textsOf = (selector: string) =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})].map((element) => element.textContent)`

const WAITS = 'waiting for the first step'

/** Names of legs of which a part alone is in sight: within the bar, or within their line of the list. */
const CUT = `[...document.querySelectorAll('#legs-bar .segment, #legs li')].flatMap((place) => {
  const [name, around] = [place.querySelector('.name'), place].map((one) => one.getBoundingClientRect())
  const isHidden = name.top >= around.bottom
  const isWhole = name.left >= around.left && name.right <= around.right && name.bottom <= around.bottom
  return isHidden && place.matches('.segment') || isWhole ? [] : [place.textContent]
})`

/** Steps of agents that cost something, one request after the other, until the signal is aborted. */
async function keepStepping(cohort: Cohort, count: number): Promise<void> {
  const population = await aPopulation(cohort, { count, options: { policyLen: 2 } })
  for (let round = 0; !stopLoad.signal.aborted; round += 1)
    await cohort.steps.run({ population, observations: [sightings(count, round)] })
}

describe('in a browser', { skip }, () => {
  before(async () => {
    system = await startSystem({ workers: 0 })
    browser = await startBrowser(chromium ?? '')
    live = await view(browser, system.url)
  })
  after(async () => {
    stopLoad.abort()
    await load
    await browser?.close()
    await system?.stop()
  })

  test('without a worker the page says so, and how to start one', async () => {
    const notice = await until('a notice', async () => (await live.ask<string>(textOf('#notice'))) || false)
    assert.match(notice, /No worker is connected.*REDIS_URL=… npm run -s cohort -- worker/)
  })

  test('before the first step each chart says calmly that it waits, and shows nothing', async () => {
    const charts = await live.ask<string[]>(textsOf('.chart'))
    assert.deepEqual([...charts, await live.ask<string>(textOf('#legs-empty'))], [WAITS, WAITS, WAITS])
    assert.equal(await live.ask('document.querySelector("#legs-bar .segment").clientWidth'), 0)
    assert.deepEqual(
      await live.ask(textsOf('#legs .mean')),
      LEGS.map(() => '–'),
    )
  })

  test('with workers and no steps it says how to send the first', async () => {
    await system.addWorker()
    await system.addWorker()
    const isHint = async () => {
      const notice = await live.ask<string>(textOf('#notice'))
      return notice.startsWith('No steps yet') && notice
    }
    assert.ok((await until('a hint', isHint)).endsWith(`sh examples/first-step.sh ${system.url}`))
    await until(
      'the workers say that they rest',
      async () => (await live.ask(textOf('#steps-per-second'))) === '0',
    )
    assert.deepEqual(await live.ask(textsOf('.chart')), [WAITS, WAITS])
  })

  test('under load the numbers move', async () => {
    load = Promise.all([2048, 256, 16].map((count) => keepStepping(system.cohort, count)))
    const seen = new Map<string, Set<string>>()
    const isMoving = async () => {
      for (const id of ['steps-per-second', 'p50', 'p99', 'queue-active']) {
        const texts = seen.get(id) ?? new Set()
        seen.set(id, texts.add(await live.ask<string>(textOf(`#${id}`))))
      }
      return [...seen.values()].every((texts) => texts.size >= 3)
    }
    await until('three values of each figure', isMoving)
    assert.equal(await live.ask('document.getElementById("notice").hidden'), true)
    assert.match(await live.ask<string>('document.title'), /^[\d.,]+[kM]? steps\/s · Cohort$/)
    for (const chart of ['throughput', 'latency'])
      assert.match(
        await live.ask<string>(`document.getElementById('${chart}').getAttribute('aria-label')`),
        /over the last minute: now [\d.]/,
      )
  })

  test('the nine legs are shown in the order of the way, and add up to what the page says', async () => {
    assert.deepEqual(await live.ask(textsOf('#legs .name')), [...LEGS])
    const shares = await live.ask<string[]>(textsOf('#legs .share'))
    const sum = shares.reduce((all, share) => all + Number.parseFloat(share), 0)
    assert.ok(Math.abs(sum - 100) < 5, `${shares.join(', ')}`)
    const bar = await live.ask<string>('document.getElementById("legs-bar").getAttribute("aria-label")')
    assert.match(bar, /^[\d.]+ m?s on average: admit .* compute [\d.]+ m?s.* notify/)
    const widths = await live.ask<number[]>(
      '[...document.querySelectorAll("#legs-bar .segment")].map((segment) => segment.clientWidth)',
    )
    assert.ok(widths.length === LEGS.length && widths.every((width) => width > 0), widths.join(', '))
  })

  for (const width of [390, 1280])
    test(`on ${width} pixels no name is cut: the bar has it whole or not at all, the list whole`, async () => {
      const narrow = await view(browser, system.url, { width, height: 900 })
      const isDrawn = async () =>
        (await narrow.ask<string[]>(textsOf('#legs .share'))).every((share) => share)
      await until('the legs are drawn', isDrawn)
      assert.deepEqual(await narrow.ask(CUT), [])
      assert.equal(await narrow.ask('document.documentElement.scrollWidth'), width)
      await narrow.page.close()
      await live.page.bringToFront()
    })

  test('each worker is shown with its threads, their cores and how busy they are', async () => {
    // At once: a page that was hidden a moment ago forgets what it showed, and hears of it anew.
    const isTold = async () => {
      const rates = await live.ask<string[]>(textsOf('.worker .rate, .thread .busy'))
      return rates.length === 4 && rates.every((rate) => /\d/.test(rate)) && rates
    }
    const told = await until('a rate of each worker, and how busy its thread is', isTold)
    assert.equal(told.filter((rate) => /^[\d.]+ %$/.test(rate)).length, 2, told.join(', '))
    const pids = system.workers.map(({ pid }) => `pid ${pid}`).toSorted()
    assert.deepEqual((await live.ask<string[]>(textsOf('.worker .pid'))).toSorted(), pids)
    // `cores 1, health …` of a worker that got a core, `cores 1 unpinned` of one that did not.
    const cores = system.workers.map(({ ready }) => {
      const core = /cores (\d+),/.exec(ready)?.[1]
      return core === undefined ? 'not pinned' : `core ${core}`
    })
    assert.deepEqual((await live.ask<string[]>(textsOf('.thread .core'))).toSorted(), cores.toSorted())
  })

  test(
    'it is kept as a picture',
    { skip: picture === undefined && 'COHORT_SCREENSHOT names no file' },
    async () => {
      const points =
        '(document.querySelector("#throughput .line")?.getAttribute("d") ?? "").split("L").length'
      await until('the charts are full', async () => (await live.ask<number>(points)) >= 58, 90_000)
      await live.page.screenshot({ path: picture as `${string}.png`, fullPage: true })
    },
  )

  test('a worker that dies is taken from the page', async () => {
    const [dead] = system.workers.splice(0, 1)
    await kill(dead ?? assert.fail('no worker'))
    await until('one worker is left', async () => (await live.ask<string[]>(textsOf('.worker'))).length === 1)
  })

  test('the queue’s page opens, with the job that failed among the others', async () => {
    await addGarbage(system.redis.url)
    const queues = await view(browser, `${system.url}/queues/queue/steps?status=failed`)
    const body = 'document.body.innerText'
    const isShown = async () => (await queues.ask<string>(body)).includes('invalid_job:')
    await until('the failed job is shown, with its reason', isShown)
    assert.match(await queues.ask<string>(body), /Read only/)
    assert.equal(
      await queues.ask(`document.elementFromPoint(40, innerHeight - 55).textContent`),
      '← Live page',
    )
    assert.deepEqual(queues.complaints, [])
    assert.deepEqual(
      queues.requests.filter(({ origin }) => origin !== system.url),
      [],
    )
    await queues.page.close()
    // A page behind another one is hidden, and follows nothing.
    await live.page.bringToFront()
  })

  test('the page complained of nothing, and asked nobody else for anything', () => {
    assert.deepEqual(live.complaints, [])
    assert.deepEqual([...new Set(live.requests.map(({ origin }) => origin))], [system.url])
  })

  test('when the producer is gone the page says so, and goes on with the next one', async () => {
    stopLoad.abort()
    await load
    await kill(system.producer)
    await until('it says so', async () =>
      (await live.ask<string>(textOf('#state'))).startsWith('connection lost'),
    )
    assert.equal(await live.ask('document.body.classList.contains("stale")'), true)
    const env = { REDIS_URL: system.redis.url, PORT: new URL(system.url).port }
    const next = await start('apps/producer/dist/main.js', env)
    await until('it is live', async () => (await live.ask<string>(textOf('#state'))) === 'live')
    assert.equal(await live.ask('document.body.classList.contains("stale")'), false)
    await live.page.close()
    assert.equal(await terminate(next), 0)
  })
})

/** As a stranger would put it: it fails at the first worker that takes it. */
async function addGarbage(redisUrl: string): Promise<void> {
  const redis = connect(redisUrl, { name: 'test', onError: () => {} })
  const log = { debug: () => {}, warn: () => {}, error: () => {} }
  const queue = openQueue({ redis, sendOnce: redis, log })
  await queue.enqueue([{ id: jobId(randomUUID()), job: { v: 1, model: 42 } as unknown as Job }])
  await queue.close()
  redis.disconnect()
}
