// Worlds that agents act in, and the models that understand them. Pure: time and randomness are arguments.
export { type Draw, drawPair } from './draws.js'
export { checkGrid, corners, distance, type Grid, GRID5_NOISY, GRID_ACTIONS, target } from './grid.js'
export { gridModel, type GridModelOptions } from './grid-model.js'
export { markGoals, type Moment, moveAgents, observeCells, startCells, walkRandomly } from './grid-world.js'
