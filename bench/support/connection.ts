// One connection to a producer that carries one request after the other, with as little work of its own as can be.
// It shares the cores with what it measures: node:http would take several times the CPU, and dilute what is compared.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { CohortError } from '@cohort/contracts'

const HEAD_END = '\r\n\r\n'
const NOTHING = Buffer.alloc(0)

/** A POST of JSON, ready to be written. */
export function postBytes(url: string, path: string, body: object): Buffer {
  const json = JSON.stringify(body)
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(json)}`,
  ]
  return Buffer.from(head.join('\r\n') + HEAD_END + json)
}

/** Enough of HTTP/1.1 for a producer: an answer has a length, and anything but 200 is a failure. */
export class Connection {
  readonly #socket: Socket
  #received: Buffer = NOTHING
  #waiting: PromiseWithResolvers<Buffer> | undefined
  #broken: CohortError | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#break(`broke: ${error.message}`, error))
    socket.on('close', () => this.#break('was closed'))
  }

  /** An abort closes it: the request under way then rejects. */
  static async open(url: string, signal: AbortSignal): Promise<Connection> {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, signal })
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** The body of the answer. One request at a time. */
  send(request: Buffer): Promise<Buffer> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    this.#waiting = Promise.withResolvers<Buffer>()
    this.#socket.write(request)
    return this.#waiting.promise
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const headLength = this.#received.indexOf(HEAD_END)
    if (headLength < 0) return
    const head = this.#received.toString('latin1', 0, headLength)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (length === undefined) return this.#break(`had an answer without a length: ${head}`)
    const begin = headLength + HEAD_END.length
    const end = begin + Number(length)
    if (this.#received.length < end) return
    const body = this.#received.subarray(begin, end)
    this.#received = NOTHING
    if (!head.startsWith('HTTP/1.1 200 ')) {
      return this.#break(`had '${head.split('\r\n', 1)[0]}' for an answer: ${body.toString()}`)
    }
    this.#waiting?.resolve(body)
  }

  #break(how: string, cause?: Error): void {
    this.#broken ??= new CohortError('answer_lost', `a connection to the producer ${how}`, { cause })
    this.#waiting?.reject(this.#broken)
    this.#socket.destroy()
  }
}
