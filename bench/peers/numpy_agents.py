"""Runs an agent of pymdp's NumPy code, of which there are two with one interface, and keeps what each step came by."""

import contextlib
import os
import warnings

import numpy as np

from record import margin

SETTINGS = ["policy_len", "inference_horizon", "gamma", "alpha", "use_utility", "use_states_info_gain",
            "use_param_info_gain", "action_selection", "sampling_mode", "inference_algo", "modalities_to_learn",
            "factors_to_learn", "lr_pA", "lr_pB", "lr_pD", "use_BMA", "policy_sep_prior", "save_belief_hist"]


def objects(arrays):
    """pymdp's arrays of arrays."""
    out = np.empty(len(arrays), dtype=object)
    for i, array in enumerate(arrays):
        out[i] = np.asarray(array, dtype=float)
    return out


def options_of(model):
    """What our model tells of how to act, by pymdp's names."""
    given = model.get("options", {})
    names = [("policy_len", "policyLen", 1), ("gamma", "gamma", 16.0), ("alpha", "alpha", 16.0)]
    return {theirs: given.get(ours, default) for theirs, ours, default in names}


def run_case(peer, case):
    """`peer`: Agent, settings, params(config), prior(agent), terms(agent, qs), fpi (its module)."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.random.seed(case["seed"])
        agent = _agent(peer, case)
        return [_step(peer, agent, case, t) for t in range(len(case["forced"]))]


def _agent(peer, case):
    model, config = case["model"], case["config"]
    given = {name: objects(model[name]) for name in ["A", "B", "C", "D", "pA", "pB", "pD"] if model[name] is not None}
    given |= {name: config[name] for name in SETTINGS + peer.SETTINGS}
    given |= peer.structure(model)
    if model["E"] is not None:
        given["E"] = np.asarray(model["E"])
    agent = peer.Agent(**given)
    # The constructor ignores what it is given for these.
    agent.inference_params = peer.params(config)
    return agent


def _step(peer, agent, case, t):
    mmp = case["config"]["inference_algo"] == "MMP"
    observation = case["observations"][t]
    before = agent.qs
    prior = agent.latest_belief if mmp else peer.prior(agent)
    out = {"prior": [np.array(p) for p in prior]}
    for call in case["call_order"]:
        if call == "infer_states":
            out |= _infer_states(peer, agent, observation, case["config"])
        elif call == "update_A":
            agent.update_A(observation)
            out |= {"pA": agent.pA, "A": agent.A}
        elif call == "update_B" and t > 0:
            agent.update_B(before)
            out |= {"pB": agent.pB, "B": agent.B}
        elif call == "update_D" and t == 0:
            agent.update_D(agent.qs)
            out |= {"pD": agent.pD, "D": agent.D}
        elif call == "infer_policies":
            out["q_pi"], out["G"] = (np.array(x) for x in agent.infer_policies())
            out["G_terms"] = peer.terms(agent)
        elif call == "sample_action":
            out["action"] = [int(a) for a in agent.sample_action()]
    if t == 0:
        out["policies"] = [np.asarray(p).astype(int) for p in agent.policies]
    out["action_marginals"] = _marginals(agent)
    whole = case["config"]["sampling_mode"] == "full"
    out["action_margin"] = margin([out["q_pi"]] if whole else out["action_marginals"])
    forced = np.array(case["forced"][t], dtype=float)
    agent.action = forced
    agent.prev_actions[-1] = forced
    # A copy of every array: the agent goes on to change its own.
    return {name: [np.array(x, copy=True) for x in value] if isinstance(value, np.ndarray) and value.dtype == object
            and not mmp else value for name, value in out.items()}


def _infer_states(peer, agent, observation, config):
    """Beliefs, and the free energies that the sweeps computed on their way."""
    trace = []
    original = peer.fpi.calc_free_energy

    def noted(*args, **named):
        trace.append(original(*args, **named))
        return trace[-1]

    peer.fpi.calc_free_energy = noted
    try:
        qs = agent.infer_states(observation)
    finally:
        peer.fpi.calc_free_energy = original
    if config["inference_algo"] == "MMP":
        return {"qs": qs, "F_pi": np.array(agent.F)}
    several = len(agent.num_states) > 1
    traced = several and config["inference_params"]["compute_vfe"]
    sweeps = len(trace) - 1 if traced else config["inference_params"]["num_iter"] if several else 1
    energies = [float(np.squeeze(value)) for value in (trace if traced else trace[:1])]
    return {"qs": qs, "vfe_trace": energies, "n_iter": sweeps}


def _marginals(agent):
    out = [np.zeros(n) for n in agent.num_controls]
    for policy, p in zip(agent.policies, agent.q_pi):
        for f, a in enumerate(np.asarray(policy)[0]):
            out[f][int(a)] += p
    return [m / m.sum() for m in out]
