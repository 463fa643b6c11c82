// A port of this machine that nobody listens on, for programs that cannot be told to take any.
import { createServer, type AddressInfo } from 'node:net'

/** Free now; somebody else may take it before it is used, which fails loudly. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      // A server that listens on a host and port has an address of this kind.
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
