"""pymdp 1.x's JAX code, in double precision, on the random models. In an environment of requirements-1.txt."""

import itertools

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import numpy as np
from pymdp import control
from pymdp.agent import Agent

import models
from record import margin, write


def run_case(case):
    agent = _agent(case)
    model, config = case["model"], case["config"]
    controls = agent.num_controls if agent.action_maps is None else agent.num_controls_multi
    policies = np.array(list(itertools.product(*[range(n) for n in list(controls) * config["policy_len"]])))
    policies = policies.reshape(-1, config["policy_len"], len(controls))
    prior, before, steps = agent.D, None, []
    for t, (seen, forced) in enumerate(zip(case["observations"], case["forced"])):
        observed = [jnp.array([[o]]) for o in seen]
        qs = agent.infer_states(observed, prior)
        out = {"prior": _first(prior), "qs": [np.asarray(q)[0, -1] for q in qs]}
        learns = [call for call in case["call_order"] if call.startswith("update_")]
        early = learns and case["call_order"].index(learns[0]) < case["call_order"].index("infer_policies")
        if early:
            agent = _learn(agent, case, t, (before, qs), observed, out)
        q_pi, G = agent.infer_policies(qs)
        out |= {"q_pi": np.asarray(q_pi)[0], "G": np.asarray(G)[0], "G_terms": _terms(agent, qs)}
        out["action_marginals"] = _marginals(out["q_pi"], policies, controls)
        whole = agent.sampling_mode == "full"
        out["action_margin"] = margin([out["q_pi"]] if whole else out["action_marginals"])
        out["action"] = [int(a) for a in np.asarray(agent.decode_multi_actions(agent.sample_action(q_pi)))[0]]
        if t == 0:
            out["policies"] = policies
        if learns and not early:
            agent = _learn(agent, case, t, (before, qs), observed, out)
        action = agent.encode_multi_actions(jnp.array([forced])) if agent.action_maps else jnp.array([forced])
        prior, before = agent.update_empirical_prior(action, qs), qs
        steps.append(out)
    return steps


def _agent(case):
    model, config = case["model"], case["config"]
    given = {name: [jnp.array(x, dtype=float) for x in model[name]] for name in ["A", "B", "D", "pA", "pB", "H"]
             if model[name] is not None}
    # Over time, its C has the times first.
    given["C"] = [jnp.array(np.asarray(c).T) for c in model["C"]]
    given |= {name: config[name] for name in ["policy_len", "gamma", "use_utility", "use_states_info_gain",
                                              "use_param_info_gain", "action_selection", "sampling_mode"]}
    if model["E"] is not None:
        given["E"] = jnp.array(model["E"])
    if "B_action_dependencies" in model:
        given["B_action_dependencies"] = model["B_action_dependencies"]
        given["num_controls"] = case["controls"]
    if model["H"] is not None:
        given |= {"use_inductive": True, "inductive_depth": config["ii_depth"],
                  "inductive_threshold": config["ii_threshold"]}
    return Agent(
        **given, A_dependencies=model["A_factor_list"], B_dependencies=model["B_factor_list"],
        inference_algo="exact" if config["inference_algo"] == "EXACT" else "fpi",
        num_iter=config["inference_params"]["num_iter"],
        learn_A=model["pA"] is not None, learn_B=model["pB"] is not None,
    )


def _learn(agent, case, t, beliefs, observed, out):
    """Counts of A, and from the second step on of B. It has no learning of D."""
    before, now = beliefs
    config = case["config"]
    both = None if t == 0 else [jnp.concatenate([b[:, -1:], q[:, -1:]], 1) for b, q in zip(before, now)]
    done = jnp.array([[case["forced"][t - 1]]])
    agent = agent.infer_parameters(now, observed, done, beliefs_B=both, lr_pA=config["lr_pA"], lr_pB=config["lr_pB"])
    out |= {"pA": _first(agent.pA), "A": _first(agent.A)}
    if t > 0:
        out |= {"pB": _first(agent.pB), "B": _first(agent.B)}
    return agent


def _terms(agent, qs):
    """The parts of G, each by the function that G is made of."""
    A, B, C, I, pA, pB = ([x[0] for x in xs] if xs is not None else None
                          for xs in (agent.A, agent.B, agent.C, agent.I, agent.pA, agent.pB))
    A_deps, B_deps = agent.A_dependencies, agent.B_dependencies
    start = [q[0, -1] for q in qs]
    terms = {"utility": [], "states_info_gain": []}
    for policy in agent.policies.policy_arr:
        sums, before = {}, start
        for t, action in enumerate(policy):
            after = control.compute_expected_state(before, B, action, B_deps)
            qo = control.compute_expected_obs(after, A, A_deps)
            step = {"utility": control.compute_expected_utility(qo, C, t),
                    "states_info_gain": control.compute_info_gain(after, qo, A, A_deps)}
            if agent.use_param_info_gain:
                step["pA_info_gain"] = -control.calc_negative_pA_info_gain(pA, qo, after, A_deps)
                step["pB_info_gain"] = -control.calc_negative_pB_info_gain(pB, after, before, B_deps, action)
            if agent.use_inductive:
                step["inductive"] = control.calc_inductive_value_t(start, after, I)
            sums = {name: sums.get(name, 0.0) + float(value) for name, value in step.items()}
            before = after
        for name, value in sums.items():
            terms.setdefault(name, []).append(value)
    return terms


def _marginals(q_pi, policies, controls):
    return [np.array([q_pi[policies[:, 0, c] == a].sum() for a in range(n)]) for c, n in enumerate(controls)]


def _first(arrays):
    return [np.asarray(x)[0] for x in arrays]


if __name__ == "__main__":
    for case in models.cases(models.JAX):
        # It always does all sweeps.
        case["config"]["inference_params"] = {**case["config"]["inference_params"], "compute_vfe": False}
        write("jax", "pymdp (JAX, float64)", case, run_case(case))
