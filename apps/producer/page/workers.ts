// The workers: where each runs, how fast it is, and each of its threads with its core.
import { byId, make, setFigure, setText } from './dom.js'
import { count, NOTHING, percent } from './format.js'
import type { ThreadSeen, WorkerSeen } from './snapshot.js'

interface Row {
  readonly item: HTMLElement
  readonly rate: HTMLElement
  readonly threads: HTMLElement
  readonly cells: Cell[]
}

interface Cell {
  readonly item: HTMLElement
  readonly core: HTMLElement
  readonly busy: HTMLElement
  readonly fill: HTMLElement
}

/** Returns what draws them anew: rows stay as long as their worker, so that bars move and do not blink. */
export function openWorkers(): (seen: readonly WorkerSeen[] | undefined) => void {
  const rows = new Map<string, Row>()
  return (seen) => {
    const workers = seen ?? []
    const ids = new Set(workers.map(({ id }) => id))
    for (const [id, { item }] of rows) {
      if (ids.has(id)) continue
      item.remove()
      rows.delete(id)
    }
    for (const worker of workers) {
      const row = rows.get(worker.id) ?? openRow(worker)
      rows.set(worker.id, row)
      // In the order of the list, wherever a new one comes in.
      byId('workers').append(row.item)
      drawRow(row, worker)
    }
    setText(
      byId('workers-aside'),
      seen === undefined ? 'not seen while Redis does not answer' : inWords(seen),
    )
  }
}

function inWords(workers: readonly WorkerSeen[]): string {
  if (workers.length === 0) return 'none is connected'
  const threads = workers.reduce((sum, worker) => sum + worker.threads.length, 0)
  const there = `${of(workers.length, 'worker')}, ${of(threads, 'thread')}`
  return `${there}: each with its core, and how much of the time it computes`
}

const of = (number: number, what: string): string => `${count(number)} ${what}${number === 1 ? '' : 's'}`

function openRow({ host, pid }: WorkerSeen): Row {
  const rate = make('output', 'rate nothing', NOTHING)
  const threads = make('ul', 'threads')
  threads.setAttribute('aria-label', `Threads of ${host}, pid ${pid}`)
  const where = make('p', 'where', make('span', 'host', host), make('span', 'pid', `pid ${pid}`))
  const speed = make('p', 'speed', rate, make('span', 'unit', ' steps/s'))
  return { item: make('li', 'worker', where, speed, threads), rate, threads, cells: [] }
}

function drawRow({ rate, threads, cells }: Row, worker: WorkerSeen): void {
  setFigure(rate, worker.stepsPerSecond === undefined ? undefined : count(worker.stepsPerSecond))
  for (const cell of cells.splice(worker.threads.length)) cell.item.remove()
  for (const [at, thread] of worker.threads.entries()) {
    let cell = cells[at]
    if (cell === undefined) {
      cell = openCell()
      cells.push(cell)
      threads.append(cell.item)
    }
    drawCell(cell, thread)
  }
}

function openCell(): Cell {
  const core = make('span', 'core')
  const busy = make('span', 'busy')
  const fill = make('span', 'fill')
  return { item: make('li', 'thread', core, busy, make('span', 'track', fill)), core, busy, fill }
}

function drawCell({ core, busy, fill }: Cell, thread: ThreadSeen): void {
  setText(core, thread.cpu === null ? 'not pinned' : `core ${thread.cpu}`)
  setText(busy, thread.busy === undefined ? NOTHING : percent(thread.busy))
  fill.style.width = `${100 * (thread.busy ?? 0)}%`
}
