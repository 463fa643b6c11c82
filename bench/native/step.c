// The batched kernel in C, on the same memory: a bar for the one in WebAssembly, and at full width the machine's limit.
#include "plan.h"

#define TIE 1e-8
#define NOT_DONE_HERE (W_EXACT | W_STOCHASTIC | W_FULL_SAMPLING | W_SEQUENTIAL)

// Philox4x32-10: the draw-th number in [0, 1) of an agent's step
static double uniform(uint64_t seed, uint64_t step, uint32_t draw) {
  uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
  uint32_t c0 = (uint32_t)step, c1 = (uint32_t)(step >> 32), c2 = draw, c3 = 0;
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xd2511f53 * c0, p1 = (uint64_t)0xcd9e8d57 * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ key0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ key1;
    c3 = (uint32_t)p0;
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  return ((double)(c0 >> 5) * 67108864.0 + (double)(c1 >> 6)) / 9007199254740992.0;
}

static void policy_posterior(void) {
  uint32_t policies = head(W_POLICIES);
  double gamma = ((double *)table(W_NUMBERS))[0], *log_E = (double *)table(W_LOG_E);
  for (uint32_t lane = 0; lane < W_LINE; lane += VECTOR) {
    at G = room(W_SCRATCH_G) + lane, q_pi = room(W_SCRATCH_Q_PI) + lane;
    for (uint32_t p = 0; p < policies; p++) store(q_pi + p * W_LINE, gamma * load(G + p * W_LINE) + log_E[p]);
    softmax(q_pi, policies);
  }
}

static void action_marginals(void) {
  uint32_t controls = head(W_CONTROLS);
  at marginal = room(W_SCRATCH_MARGINALS);
  for (uint32_t c = 0; c < controls; c++) {
    uint32_t lines = word(table(W_CONTROL_TABLE), c) * W_LINE;
    memset(marginal, 0, lines);
    for (uint32_t p = 0; p < head(W_POLICIES); p++) {
      uint32_t joint = word(table(W_FIRST_ACTION), p);
      add_line(room(W_SCRATCH_Q_PI) + p * W_LINE,
               marginal + word(table(W_JOINT_ACTIONS), joint * controls + c) * W_LINE);
    }
    normalise(marginal, lines / W_LINE);
    marginal += lines;
  }
}

static uint32_t best(at weights, uint32_t count, at row, uint32_t draw) {
  double most = -INFINITY;
  int ties = 0;
  uint32_t first = 0;
  for (uint32_t i = 0; i < count; i++)
    if (get(weights + i * W_LINE) > most) most = get(weights + i * W_LINE);
  for (uint32_t i = count; i-- > 0;) {
    if (most - get(weights + i * W_LINE) > TIE) continue;
    ties++;
    first = i;
  }
  if (ties <= 1) return first;
  int skip = (int)floor(uniform(*(uint64_t *)(row + ROW_SEED), *(uint64_t *)row, draw) * ties);
  for (uint32_t i = 0; i < count; i++)
    if (most - get(weights + i * W_LINE) <= TIE && skip-- == 0) return i;
  return 0;
}

static void choose_actions(uint32_t *actions) {
  uint32_t controls = head(W_CONTROLS), count = word(scratch, W_TASK_COUNT);
  at marginal = room(W_SCRATCH_MARGINALS);
  memset(actions, 0, LANES * 4);
  for (uint32_t c = 0; c < controls; c++) {
    uint32_t options = word(table(W_CONTROL_TABLE), c);
    for (uint32_t lane = 0; lane < LANES; lane++) {
      uint32_t action = best(marginal + lane * 8, options, row_at(row_of(lane)), c);
      double other = 0;
      for (uint32_t i = 0; i < options; i++) {
        double weight = get(marginal + i * W_LINE + lane * 8);
        if (i != action && weight > other) other = weight;
      }
      actions[lane] = actions[lane] * options + action;
      ((double *)task(W_TASK_MARGIN))[c * count + row_of(lane)] =
          get(marginal + action * W_LINE + lane * 8) - other;
    }
    marginal += options * W_LINE;
  }
}

static void copy_column(at from, double *to, uint32_t length) {
  for (uint32_t i = 0; i < length; i++) to[i] = get(from + i * W_LINE);
}

static void write_lane(uint32_t lane, uint32_t action) {
  uint32_t row = row_of(lane), controls = head(W_CONTROLS), count = word(scratch, W_TASK_COUNT);
  uint32_t policies = head(W_POLICIES);
  at p = row_at(row), column = room(W_SCRATCH_MARKS) + lane * 8;
  *(uint64_t *)p += 1;
  *(uint32_t *)(p + ROW_LAST_ACTION) = action;
  *(uint32_t *)(p + ROW_FLAGS) |= 1;
  copy_column(level(0) + lane * 8, (double *)(p + ROW_STATE), head(W_STATES));
  for (uint32_t c = 0; c < controls; c++)
    ((uint32_t *)task(W_TASK_ACTIONS))[c * count + row] = word(table(W_JOINT_ACTIONS), action * controls + c);
  ((int32_t *)task(W_TASK_NOTES))[row] = (int32_t)get(column);
  ((double *)task(W_TASK_ITERATIONS))[row] = get(column + ITERATIONS);
  if (wanted(W_TASK_Q_PI))
    copy_column(room(W_SCRATCH_Q_PI) + lane * 8, (double *)task(W_TASK_Q_PI) + (size_t)row * policies, policies);
  if (wanted(W_TASK_G))
    copy_column(room(W_SCRATCH_G) + lane * 8, (double *)task(W_TASK_G) + (size_t)row * policies, policies);
}

// `first`: the memory's first byte; `scratch_at`: where in it the task stands. 0, or 1 for a model that it cannot step.
int step_rows(void *first, uint32_t scratch_at) {
  memory = first;
  scratch = memory + scratch_at;
  model = task(W_TASK_MODEL);
  program = task(W_TASK_PROGRAM);
  if (has(NOT_DONE_HERE) || wanted(W_TASK_SOFT)) return 1;
  uint32_t to = word(scratch, W_TASK_TO);
  for (uint32_t from = word(scratch, W_TASK_FROM); from < to; from += W_CHUNK) {
    uint32_t rows = order_rows(from, from + W_CHUNK < to ? from + W_CHUNK : to);
    for (uint32_t tile = 0; tile < rows; tile += LANES) {
      uint32_t agents = rows - tile < LANES ? rows - tile : LANES;
      take_tile(tile, agents);
      predict_prior();
      if (has(W_PRODUCT)) infer_product();
      else infer_fixed_point();
      expected_free_energy();
      policy_posterior();
      action_marginals();
      uint32_t *actions = (uint32_t *)room(W_SCRATCH_LANES) + LANES;
      choose_actions(actions);
      for (uint32_t lane = 0; lane < agents; lane++) write_lane(lane, actions[lane]);
    }
  }
  return 0;
}
