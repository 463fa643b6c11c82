// The connection to the producer: opened anew for as long as the page is looked at.
import type { Snapshot } from './snapshot.js'

export type Connection = 'open' | 'lost'

interface Listeners {
  readonly onSnapshot: (snapshot: Snapshot) => void
  readonly onConnection: (connection: Connection) => void
}

/** Without a word for so long, the connection is as good as lost. */
const SILENT_MS = 5000
/** A browser gives up where the answer is an error, or the producer is gone for good. */
const AGAIN_MS = 3000

export function follow(path: string, { onSnapshot, onConnection }: Listeners): void {
  let source: EventSource | undefined
  let timer = 0
  const close = () => {
    clearTimeout(timer)
    source?.close()
    source = undefined
  }
  const again = (afterMs: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      onConnection('lost')
      open()
    }, afterMs)
  }
  const open = () => {
    close()
    source = new EventSource(path)
    source.onmessage = ({ data }: MessageEvent<string>) => {
      again(SILENT_MS)
      onConnection('open')
      onSnapshot(JSON.parse(data) as Snapshot)
    }
    source.onerror = () => {
      onConnection('lost')
      again(AGAIN_MS)
    }
    again(SILENT_MS)
  }
  // Nobody looks: the producer need not either.
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
  if (!document.hidden) open()
}
