// A headless Chromium of the system's for tests of pages, which notes what a user never should see.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { launch, type Browser, type Page } from 'puppeteer-core'

/** COHORT_CHROMIUM names the program; without it the first of these on the PATH is taken. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

export interface Viewed {
  readonly page: Page
  /** Errors and warnings of its console, and what it threw. */
  readonly complaints: string[]
  /** Everything that it asked for, except what is in the page itself. */
  readonly requests: URL[]
  /** What an expression of JavaScript is in the page. */
  readonly ask: <T>(expression: string) => Promise<T>
}

export function findChromium(): string | undefined {
  const named = process.env['COHORT_CHROMIUM']
  if (named !== undefined && named !== '') return named
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export const startBrowser = (executablePath: string): Promise<Browser> =>
  // Its sandbox refuses to run for root, as which containers run tests.
  launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })

export async function view(
  browser: Browser,
  url: string,
  size = { width: 1200, height: 900 },
): Promise<Viewed> {
  const page = await browser.newPage()
  const complaints: string[] = []
  const requests: URL[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) requests.push(new URL(request.url()))
  })
  await page.setViewport({ ...size, deviceScaleFactor: 1.2 })
  await page.goto(url)
  return {
    page,
    complaints,
    requests,
    ask: <T>(expression: string) => page.evaluate(expression) as Promise<T>,
  }
}
