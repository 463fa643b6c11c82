// The task at hand: where its model, its program and its scratch are. Globals are each instance's own, not in memory.
import {
  FACTOR_TABLE, FACTOR_WORDS, FLAGS, GROUP_TABLE, GROUP_WORDS, LEVEL_BYTES, MODALITY_TABLE, MODALITY_WORDS,
  SCRATCH_LEVELS, TASK_MODEL, TASK_PROGRAM,
} from '../words'

/** The compiled model, its program, and the thread's scratch, which begins with the task. */
export let model: usize = 0
export let program: usize = 0
export let scratch: usize = 0

export function enterTask(task: usize): void {
  scratch = task
  model = word(task, TASK_MODEL)
  program = word(task, TASK_PROGRAM)
}

@inline export function word(at: usize, index: i32): u32 { return load<u32>(at + (index << 2)) }
/** A word of the program's header. */
@inline export function head(index: i32): u32 { return word(program, index) }
/** A table that a word of the header points at. */
@inline export function table(index: i32): usize { return model + head(index) }
/** Scratch that a word of the header points at. */
@inline export function room(index: i32): usize { return scratch + head(index) }
@inline export function has(flag: u32): bool { return (head(FLAGS) & flag) !== 0 }
@inline export function factorAt(f: u32): usize { return table(FACTOR_TABLE) + ((f * FACTOR_WORDS) << 2) }
@inline export function groupAt(g: u32): usize { return table(GROUP_TABLE) + ((g * GROUP_WORDS) << 2) }
@inline export function modalityAt(m: u32): usize { return table(MODALITY_TABLE) + ((m * MODALITY_WORDS) << 2) }
/** Level 0 of the policy tree holds the agents' beliefs, level d what they are after d actions. */
@inline export function level(depth: u32): usize { return room(SCRATCH_LEVELS) + depth * head(LEVEL_BYTES) }
