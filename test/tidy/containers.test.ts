// What the container files promise: pinned versions, the same ones everywhere, and ports on this machine alone.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT, readJson } from './sources.js'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const compose = read('docker-compose.yml')
const dockerfile = read('deploy/docker/Dockerfile')
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found)

const images = all(compose, /^ +image: (\S+)$/gm)
const stages = all(dockerfile, /^FROM \S+ AS (\S+)$/gm)
const bases = all(dockerfile, /^FROM (\S+)/gm).filter((name) => !stages.includes(name))
const { version } = readJson('package.json') as { version: string }

test('every image is pinned to one version', () => {
  assert.equal(images.length, 7)
  for (const image of [...images, ...bases])
    assert.match(image, /^[a-z0-9/-]+:v?\d+\.\d+\.\d+(-[a-z-]+)?$/, image)
})

test('ours carry the version of the project, and are targets of the Dockerfile', () => {
  const ours = images.filter((image) => image.startsWith('cohort-'))
  assert.deepEqual(ours, [`cohort-producer:${version}`, `cohort-worker:${version}`])
  const targets = all(compose, /^ +target: (\S+)$/gm)
  assert.deepEqual(targets, ['producer', 'worker'])
  assert.deepEqual(all(compose, /^ +APP: (\S+)$/gm), targets, 'each with its own packages')
  assert.deepEqual(
    targets.filter((target) => !stages.includes(target)),
    [],
  )
})

test('the images run the Node that the project pins', () => {
  const { optionalDependencies } = readJson('tools/node/package.json') as {
    optionalDependencies: Readonly<Record<string, string>>
  }
  const [node] = Object.values(optionalDependencies)
  assert.deepEqual([...new Set(bases)], [`node:${node}-bookworm-slim`])
})

test('ports are published on this machine alone', () => {
  const ports = all(compose, /^ +ports: \[(.*)\]$/gm)
  assert.ok(ports.length >= 4)
  for (const port of ports) assert.match(port, /^"127\.0\.0\.1:(\d+|\$\{[A-Z_]+:-\d+\}):\d+"$/)
  assert.doesNotMatch(
    compose,
    /^ +ports:\s*$/m,
    'lists of ports stand on their line, where this test reads them',
  )
})

test('no container has capabilities, or runs what the host did not give it', () => {
  const services = compose
    .slice(compose.indexOf('\nservices:'))
    .split(/^ {2}(?=[a-z-]+:$)/m)
    .slice(1)
  assert.equal(services.length >= images.length, true)
  for (const service of services.slice(0, images.length))
    assert.match(service, /<<: \*(hardened|cohort)/, service.split('\n')[0] ?? '')
  assert.match(compose, /cap_drop: \[ALL\]\n +security_opt: \["no-new-privileges:true"\]/)
  assert.doesNotMatch(compose, /privileged: true|cap_add|network_mode: host/)
})

test('the profile `observe` is what deploy/observe.env asks for, and the address there is its collector', () => {
  const env = read('deploy/observe.env')
  assert.match(env, /^COMPOSE_PROFILES=observe$/m)
  assert.match(env, /^OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/otel-collector:4318$/m)
  assert.equal(all(compose, /^ +profiles: \[(observe)\]$/gm).length, 3)
  assert.match(compose, /OTEL_EXPORTER_OTLP_ENDPOINT: \$\{OTEL_EXPORTER_OTLP_ENDPOINT:-\}/)
})
