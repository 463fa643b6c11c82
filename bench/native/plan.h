// What each policy is worth: G along the tree of policies.
#include "fixed-point.h"

#define GAIN_EPS 1.1253517471925912e-7

static void take_prediction(at factor, uint32_t depth, uint32_t own, at to) {
  uint32_t states = word(factor, W_FACTOR_STATES);
  at rows = level(depth) + word(factor, W_FACTOR_ROWS_AT);
  uint32_t *which = (uint32_t *)(model + word(factor, W_FACTOR_ROW_OF)) + own * states;
  for (uint32_t s = 0; s < states; s++) copy_lines(rows + which[s], to + s * W_LINE, 1);
}

static void take_entropies(at p, uint32_t lines) {
  for (uint32_t i = 0; i < lines * W_LINE; i += VECTOR) {
    v q = load(p + i);
    store(p + i, 0.0 - q * logarithm(q + EPS));
  }
}

// The same where the threshold has taken many out: what nothing is left of costs no logarithm.
static void take_sparse_entropies(at p, uint32_t lines) {
  for (uint32_t i = 0; i < lines * W_LINE; i += VECTOR) {
    v q = load(p + i);
    bits some = q != 0.0;
    int64_t any = 0;
    for (int k = 0; k < VECTOR / 8; k++) any |= some[k];
    if (any) store(p + i, 0.0 - q * logarithm(q + EPS));
  }
}

static void sum_entropies(at group, at entropies, at values) {
  uint32_t outcomes = word(group, W_GROUP_ALL_OUTCOMES);
  uint32_t *which = (uint32_t *)(model + word(group, W_GROUP_OUTCOME_OF));
  for (uint32_t c = 0; c < word(group, W_GROUP_COMBINATIONS); c++, values += W_LINE, which += outcomes) {
    v sum[PER_LINE];
    for (int k = 0; k < PER_LINE; k++) sum[k] = load(values + k * VECTOR);
    for (uint32_t o = 0; o < outcomes; o++)
      for (int k = 0; k < PER_LINE; k++) sum[k] += load(entropies + which[o] + k * VECTOR);
    for (int k = 0; k < PER_LINE; k++) store(values + k * VECTOR, sum[k]);
  }
}

static void worth_of_one(at group, uint32_t depth, at values) {
  at factor = factor_at(word(model + word(group, W_GROUP_FACTOR_TABLE), 0));
  at x = parent_belief(factor, level(depth)), outcomes = room(W_SCRATCH_OUTCOMES);
  apply(model + word(model + word(group, W_GROUP_UTILITY), depth), x, values);
  if (!has(W_USE_GAIN)) return;
  if (word(group, W_GROUP_WORTH) != W_WORTH_OF_BELIEF) {
    at from = level(depth) + word(factor, W_FACTOR_ROWS_AT);
    x = room(W_SCRATCH_TEMP);
    for (uint32_t i = 0; i < word(factor, W_FACTOR_ROWS) * W_LINE; i += VECTOR)
      store(x + i, only(load(from + i), load(from + i) > GAIN_EPS));
    apply(model + word(group, W_GROUP_AMBIGUITY), x, outcomes);
    for (uint32_t c = 0; c < word(group, W_GROUP_COMBINATIONS); c++)
      add_line(outcomes + c * W_LINE, values + c * W_LINE);
  }
  if (word(group, W_GROUP_OUTCOMES) == 0) outcomes = x;
  else apply(model + word(group, W_GROUP_OUTCOMES), x, outcomes);
  if (word(group, W_GROUP_WORTH) == W_WORTH_OF_BELIEF) take_entropies(outcomes, word(group, W_GROUP_OUTCOME_ROWS));
  else take_sparse_entropies(outcomes, word(group, W_GROUP_OUTCOME_ROWS));
  sum_entropies(group, outcomes, values);
}

static void join_predictions(at group, uint32_t depth, uint32_t combination) {
  uint32_t factors = word(group, W_GROUP_FACTORS), size = 1;
  uint32_t *own = (uint32_t *)(model + word(group, W_GROUP_ACTIONS)) + combination * factors;
  at joint = room(W_SCRATCH_JOINT);
  for (uint32_t k = 0; k < factors; k++) {
    at factor = factor_at(word(model + word(group, W_GROUP_FACTOR_TABLE), k));
    uint32_t states = word(factor, W_FACTOR_STATES);
    take_prediction(factor, depth, own[k], k == 0 ? joint : room(W_SCRATCH_TEMP));
    size = k == 0 ? states : join_lines(joint, size, room(W_SCRATCH_TEMP), states);
  }
}

static void add_expected(double *weights, at q, uint32_t lines, at to, int over_threshold) {
  for (uint32_t lane = 0; lane < W_LINE; lane += VECTOR) {
    v sum = load(to + lane);
    for (uint32_t s = 0; s < lines; s++) {
      v p = load(q + s * W_LINE + lane);
      if (over_threshold) store(q + s * W_LINE + lane, p = only(p, p > GAIN_EPS));
      sum += p * weights[s];
    }
    store(to + lane, sum);
  }
}

static void worth_of_joint(at group, uint32_t depth, at values) {
  at joint = room(W_SCRATCH_JOINT), outcomes = room(W_SCRATCH_OUTCOMES);
  uint32_t size = word(group, W_GROUP_SIZE), rows = word(group, W_GROUP_OUTCOME_ROWS);
  double *utility = (double *)(model + word(model + word(group, W_GROUP_UTILITY), depth));
  for (uint32_t c = 0; c < word(group, W_GROUP_COMBINATIONS); c++, values += W_LINE) {
    join_predictions(group, depth, c);
    memset(values, 0, W_LINE);
    add_expected(utility, joint, size, values, 0);
    if (!has(W_USE_GAIN)) continue;
    add_expected((double *)(model + word(group, W_GROUP_AMBIGUITY)), joint, size, values, 1);
    apply(model + word(group, W_GROUP_OUTCOMES), joint, outcomes);
    take_sparse_entropies(outcomes, rows);
    for (uint32_t o = 0; o < rows; o++) add_line(outcomes + o * W_LINE, values);
  }
}

static void evaluate(uint32_t depth) {
  int last = depth + 1 == head(W_POLICY_LEN);
  for (uint32_t f = 0; f < head(W_FACTORS); f++) {
    at factor = factor_at(f);
    if (last && word(factor, W_FACTOR_ALWAYS) == 0) continue;
    at rows = level(depth) + word(factor, W_FACTOR_ROWS_AT);
    apply(model + word(factor, W_FACTOR_ALL), parent_belief(factor, level(depth)), rows);
  }
  for (uint32_t g = 0; g < head(W_GROUPS); g++) {
    at group = group_at(g), values = level(depth) + head(W_LEVEL_VALUES) + word(group, W_GROUP_VALUES_AT);
    if (word(group, W_GROUP_WORTH) == W_WORTH_OF_JOINT) worth_of_joint(group, depth, values);
    else worth_of_one(group, depth, values);
  }
}

static void expected_free_energy(void) {
  uint32_t factors = head(W_FACTORS);
  memset(level(0) + head(W_LEVEL_SUM), 0, W_LINE);
  evaluate(0);
  for (uint32_t node = 0; node < head(W_NODES); node++) {
    uint32_t depth = word(table(W_NODE_DEPTH), node), action = word(table(W_NODE_ACTION), node);
    int leaf = depth == head(W_POLICY_LEN);
    at to = leaf ? room(W_SCRATCH_G) + word(table(W_NODE_POLICY), node) * W_LINE : level(depth) + head(W_LEVEL_SUM);
    copy_lines(level(depth - 1) + head(W_LEVEL_SUM), to, 1);
    for (uint32_t g = 0; g < head(W_GROUPS); g++) {
      uint32_t value = word(model + word(group_at(g), W_GROUP_VALUE_OF), action);
      add_line(level(depth - 1) + head(W_LEVEL_VALUES) + value, to);
    }
    if (leaf) continue;
    for (uint32_t f = 0; f < factors; f++) {
      at factor = factor_at(f);
      uint32_t own = word(table(W_FACTOR_ACTIONS), action * factors + f);
      take_prediction(factor, depth - 1, own, level(depth) + word(factor, W_FACTOR_AT) * W_LINE);
    }
    evaluate(depth);
  }
}
