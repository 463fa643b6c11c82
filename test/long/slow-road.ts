// A road to Redis that takes its time: passes every byte on, DELAY_MS later, both ways. For two-machines.test.ts.
//
// In the place of the kernel's own delays (`tc netem`), which many kernels lack.
import { createServer, connect, type Socket } from 'node:net'
import { once } from 'node:events'

const { TO = '', DELAY_MS = '' } = process.env
const [host = '', port = ''] = TO.split(':')
const delayMs = Number(DELAY_MS)

const server = createServer((near) => {
  const far = connect(Number(port), host)
  carry(near, far)
  carry(far, near)
})
await once(server.listen(0, '127.0.0.1'), 'listening')
process.on('disconnect', () => process.exit())
process.stdout.write(`ready: ${JSON.stringify(server.address())}\n`)

/** In their order: timers of one length end in the order in which they began. */
function carry(from: Socket, to: Socket): void {
  from.setNoDelay(true)
  from.on('data', (bytes: Buffer) => void setTimeout(() => to.write(bytes), delayMs))
  from.on('close', () => setTimeout(() => to.destroy(), delayMs))
  from.on('error', () => to.destroy())
}
