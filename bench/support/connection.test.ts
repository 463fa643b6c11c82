// Promises of the connection: whole answers however they are cut, and a reason where there is none.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { CohortError } from '@cohort/contracts'
import { Connection, postBytes } from './connection.js'

/** A server that does this with each connection; a connection to it. */
async function connected(t: TestContext, serve: (socket: Socket) => void): Promise<Connection> {
  const server = createServer(serve).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const connection = await Connection.open(`http://127.0.0.1:${port}`, t.signal)
  t.after(() => {
    connection.close()
    server.close()
  })
  return connection
}

const answer = (status: string, body: string): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`

const REQUEST = postBytes('http://127.0.0.1', '/v1/steps', { population: 'p' })

test('a request is a POST of JSON with its length', () => {
  assert.equal(
    postBytes('http://host:81/', '/v1/steps', { a: 'é' }).toString(),
    'POST /v1/steps HTTP/1.1\r\nhost: host:81\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{"a":"é"}',
  )
})

test('answers come whole, one after the other, in whatever pieces', async (t) => {
  let served = 0
  const connection = await connected(t, (socket) => {
    socket.setNoDelay().on('data', async () => {
      const text = answer('200 OK', `{"n":${++served}}`)
      for (const piece of served === 1 ? [text] : (text.match(/[^]{1,7}/g) ?? [])) {
        socket.write(piece)
        await turn()
      }
    })
  })
  for (const n of [1, 2, 3]) assert.equal((await connection.send(REQUEST)).toString(), `{"n":${n}}`)
})

const failsWith = (message: RegExp) => (error: unknown) =>
  error instanceof CohortError && message.test(error.message)

test('an answer that is none is told, and the connection is of no more use', async (t) => {
  const refused = await connected(t, (socket) => {
    socket.on('data', () => socket.write(answer('429 Too Many Requests', '{"code":"overloaded"}')))
  })
  await assert.rejects(refused.send(REQUEST), failsWith(/429 Too Many Requests.*overloaded/))
  await assert.rejects(refused.send(REQUEST), failsWith(/429/))
  const hungUp = await connected(t, (socket) => socket.on('data', () => socket.end('HTTP/1.1 200')))
  await assert.rejects(hungUp.send(REQUEST), failsWith(/was closed/))
})
