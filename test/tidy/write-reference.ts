// `npm run docs`: writes the pages of docs/reference that are made from the code.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { referencePages } from './reference.js'
import { ROOT } from './sources.js'

const folder = join(ROOT, 'docs/reference')
mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(await referencePages())) writeFileSync(join(folder, name), text)
