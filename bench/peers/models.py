"""The random models that every peer is given, each from its seed: matrices, observations and forced actions.

Each script makes them anew, so that all peers see the same ones. Shapes and names are those of test/golden/README.md.
"""

import itertools

import numpy as np

LEGACY, NUMPY, JAX = "legacy", "0071", "jax"
ALL = (LEGACY, NUMPY, JAX)
STEPS = 6

CONFIG = {
    "inference_algo": "VANILLA", "policy_len": 1, "inference_horizon": 1, "control_fac_idx": None,
    "gamma": 2.0, "alpha": 16.0, "use_utility": True, "use_states_info_gain": True,
    "use_param_info_gain": False, "action_selection": "deterministic", "sampling_mode": "marginal",
    "modalities_to_learn": "all", "factors_to_learn": "all", "lr_pA": 0.7, "lr_pB": 1.3, "lr_pD": 0.9,
    "use_BMA": True, "policy_sep_prior": False, "save_belief_hist": False,
    "sophisticated": False, "si_horizon": 3, "si_policy_prune_threshold": 1 / 16,
    "si_state_prune_threshold": 1 / 16, "si_prune_penalty": 512, "ii_depth": 5, "ii_threshold": 1 / 16,
    "inference_params": {"num_iter": 10, "dF": 1.0, "dF_tol": 0.001, "compute_vfe": True},
}
FPI = {"num_iter": 16, "dF": 1.0, "dF_tol": 0.001, "compute_vfe": False}
MMP = {"num_iter": 12, "grad_descent": True, "tau": 0.2}
PLAN = ["infer_states", "infer_policies", "sample_action"]
LEARN_FIRST = ["infer_states", "update_B", "update_A", "update_D", "infer_policies", "sample_action"]
LEARN_FIRST_NO_D = [call for call in LEARN_FIRST if call != "update_D"]
LEARN_LAST = ["infer_states", "infer_policies", "update_B", "update_A", "sample_action"]

# name, seed, peers, states, outcomes, controls, and what else a case has (see `_make`).
CASES = [
    ("01_one_factor", 101, ALL, [4], [3], [3], {}),
    ("02_one_factor_zeros_len2", 102, ALL, [4], [3, 4], [2], {"zeros": 0.4, "config": {"policy_len": 2}}),
    ("03_two_factors_habit_full", 103, ALL, [3, 2], [3, 2], [3, 2],
     {"E": True, "config": {"sampling_mode": "full"}}),
    ("04_two_factors_zeros_len2", 104, ALL, [3, 3], [3, 4, 2], [2, 1],
     {"zeros": 0.35, "config": {"policy_len": 2, "inference_params": FPI}}),
    ("05_three_factors", 105, ALL, [3, 2, 2], [3, 2], [2, 1, 3], {"config": {"inference_params": FPI}}),
    ("06_C_over_time_len3", 106, ALL, [3], [3, 2], [2], {"C": "time", "config": {"policy_len": 3}}),
    ("07_three_modalities", 107, ALL, [3, 2], [2, 3, 3], [2, 2],
     {"config": {"policy_len": 2, "inference_params": {**FPI, "num_iter": 3}}}),
    ("08_impossible_seen", 208, ALL, [3, 2], [3, 3], [2, 2],
     {"zeros": 0.5, "any_observation": True, "config": {"inference_params": FPI}}),
    ("09_learn", 109, ALL, [3, 2], [3, 2], [2, 2],
     {"counts": "ABD", "calls": LEARN_FIRST, "config": {"use_param_info_gain": True, "inference_params": FPI}}),
    ("10_learn_zeros", 110, ALL, [3], [3, 2], [2],
     {"counts": "AB", "zeros": 0.4, "calls": LEARN_LAST, "config": {"use_param_info_gain": True, "policy_len": 2}}),
    ("11_structured_habit_len2", 111, (LEGACY, JAX), [3, 2, 2], [3, 2, 3], [2, 1, 2],
     {"A_deps": [[0, 1], [2], [1, 2]], "B_deps": [[0, 1], [1], [1, 2]], "E": True, "config": {"policy_len": 2}}),
    ("12_structured_learn_zeros", 112, (LEGACY, JAX), [3, 2, 2], [3, 2], [2, 2, 1],
     {"A_deps": [[0, 2], [1]], "B_deps": [[0], [0, 1], [2, 1]], "counts": "AB", "zeros": 0.25,
      "calls": LEARN_FIRST_NO_D, "config": {"use_param_info_gain": True, "inference_params": FPI}}),
    ("13_goal", 113, (LEGACY, JAX), [5], [4], [2],
     {"goal": [[0, 0, 1, 0, 0]], "zeros": 0.6, "zeros_in": "B", "config": {"policy_len": 2}}),
    ("14_sophisticated", 114, (LEGACY,), [3, 2], [2, 2], [2, 1],
     {"config": {"sophisticated": True, "gamma": 1.0, "si_horizon": 3}}),
    ("15_mmp_len2", 115, (LEGACY, NUMPY), [3], [3], [2],
     {"config": {"inference_algo": "MMP", "inference_horizon": 3, "policy_len": 2, "inference_params": MMP}}),
    ("16_mmp_two_factors_zeros", 116, (LEGACY, NUMPY), [3, 2], [3, 2], [2, 2],
     {"E": True, "zeros": 0.3, "zeros_in": "B",
      "config": {"inference_algo": "MMP", "inference_horizon": 3, "inference_params": MMP}}),
    ("17_mmp_structured_settled", 117, (LEGACY,), [3, 2], [3, 2], [2, 2],
     {"A_deps": [[0, 1], [1]], "B_deps": [[0, 1], [1]],
      "config": {"inference_algo": "MMP", "inference_horizon": 3,
                 "inference_params": {"num_iter": 12, "grad_descent": False}}}),
    ("18_action_dependencies", 118, (JAX,), [3, 2], [3, 2], [2, 3],
     {"B_actions": [[0, 1], [1]], "config": {"policy_len": 2, "inference_params": FPI, "sampling_mode": "full"}}),
    ("19_exact_zeros", 119, (JAX,), [4], [3, 3], [3], {"zeros": 0.4, "config": {"inference_algo": "EXACT"}}),
]


def cases(peer):
    """The cases that `peer` can compute."""
    return [_make(name, seed, *rest) for name, seed, peers, *rest in CASES if peer in peers]


def _make(name, seed, states, outcomes, controls, more):
    rng = np.random.default_rng(seed)
    config = {**CONFIG, **more.get("config", {})}
    factors = range(len(states))
    A_deps = more.get("A_deps") or [list(factors)] * len(outcomes)
    B_deps = more.get("B_deps") or [[f] for f in factors]
    B_actions = more.get("B_actions") or [[f] for f in factors]
    zeros, zeros_in = more.get("zeros", 0.0), more.get("zeros_in", "AB")
    counts = more.get("counts", "")
    pA = [_counts(rng, [o] + [states[f] for f in deps], zeros * ("A" in zeros_in))
          for o, deps in zip(outcomes, A_deps)]
    pB = [_counts(rng, [states[f]] + [states[g] for g in deps] + [controls[c] for c in B_actions[f]],
                  zeros * ("B" in zeros_in)) for f, deps in enumerate(B_deps)]
    pD = [_counts(rng, [n], 0.0) for n in states]
    policies = int(np.prod(controls)) ** config["policy_len"]
    times = config["policy_len"]
    model = {
        "A": [_normal(p) for p in pA], "B": [_normal(p) for p in pB],
        "C": [rng.normal(size=(o, times) if more.get("C") == "time" else o) for o in outcomes],
        "D": [_normal(p) for p in pD],
        "E": _normal(rng.uniform(0.5, 2, policies)) if more.get("E") else None,
        "H": more.get("goal"),
        "pA": pA if "A" in counts else None, "pB": pB if "B" in counts else None,
        "pD": pD if "D" in counts else None,
        "A_factor_list": more.get("A_deps"), "B_factor_list": more.get("B_deps"),
    }
    if "B_actions" in more:
        model["B_action_dependencies"] = more["B_actions"]
    forced = [[int(rng.integers(n)) for n in controls] for _ in range(STEPS)]
    world = (model, A_deps, B_deps, B_actions, states)
    seen = [[int(rng.integers(o)) for o in outcomes] for _ in range(STEPS)] \
        if more.get("any_observation") else _observed(rng, world, forced)
    return {"name": name, "seed": seed, "model": model, "config": config,
            "call_order": more.get("calls", PLAN), "controls": controls, "observations": seen, "forced": forced}


def _observed(rng, world, forced):
    """What a world that is as the model says shows, so that nothing is seen that the model holds impossible."""
    model, A_deps, B_deps, B_actions, _ = world
    now = [rng.choice(len(d), p=d) for d in model["D"]]
    seen = []
    for action in forced:
        columns = [a[(slice(None), *[now[f] for f in deps])] for a, deps in zip(model["A"], A_deps)]
        seen.append([int(rng.choice(len(p), p=p)) for p in columns])
        columns = [b[(slice(None), *[now[g] for g in B_deps[f]], *[action[c] for c in B_actions[f]])]
                   for f, b in enumerate(model["B"])]
        now = [rng.choice(len(p), p=p) for p in columns]
    return seen


def _counts(rng, shape, zeros):
    """Counts, a share of them exactly 0, at least one of each column not."""
    counts = rng.uniform(0.2, 2.0, shape)
    counts[rng.uniform(size=shape) < zeros] = 0.0
    for column in itertools.product(*[range(n) for n in shape[1:]]):
        if counts[(slice(None), *column)].sum() == 0:
            counts[(int(rng.integers(shape[0])), *column)] = rng.uniform(0.2, 2.0)
    return counts


def _normal(counts):
    return counts / counts.sum(axis=0, keepdims=True)
