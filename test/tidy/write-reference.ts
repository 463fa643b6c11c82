// `npm run docs`: writes the pages of docs that are made from the code, and the worked examples' pictures.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { workedPages } from '../worked/page.js'
import { referencePages } from './reference.js'
import { ROOT } from './sources.js'

const folder = join(ROOT, 'docs/reference')
mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(await referencePages())) writeFileSync(join(folder, name), text)
for (const [path, text] of Object.entries(workedPages())) writeFileSync(join(ROOT, path), text)
