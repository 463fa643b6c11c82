// The thread of a trial: pins itself to the CPU that it is given and says what came of it. Started by trial.ts
import { parentPort, workerData } from 'node:worker_threads'
import { pinThisThread } from './pin.js'

parentPort?.postMessage(pinThisThread(workerData as number))
