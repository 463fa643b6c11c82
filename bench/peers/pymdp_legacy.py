"""pymdp 1.x's NumPy code (`pymdp.legacy`) on the random models. In an environment of requirements-1.txt."""

import numpy as np
from pymdp.legacy import control
from pymdp.legacy.agent import Agent
from pymdp.legacy.algos import fpi

import models
from numpy_agents import objects, run_case
from record import write


class Legacy:
    Agent = Agent
    fpi = fpi
    SETTINGS = ["sophisticated", "si_horizon", "si_policy_prune_threshold", "si_state_prune_threshold",
                "si_prune_penalty", "ii_depth", "ii_threshold"]

    @staticmethod
    def structure(model):
        lists = {name: model[name] for name in ["A_factor_list", "B_factor_list"]}
        return lists | ({} if model["H"] is None else {"H": objects(model["H"])})

    @staticmethod
    def params(config):
        return dict(config["inference_params"])

    @staticmethod
    def prior(agent):
        if agent.action is None:
            return agent.D
        now = agent.action.reshape(1, -1)
        return control.get_expected_states_interactions(agent.qs, agent.B, agent.B_factor_list, now)[0]

    @staticmethod
    def terms(agent):
        """The parts of G, each by the function that G is made of; those of counts only where they are in G."""
        terms = {"utility": [], "states_info_gain": []}
        future = agent.get_future_qs() if agent.inference_algo == "MMP" else None
        for i, policy in enumerate(agent.policies):
            qs = future[i] if future is not None else \
                control.get_expected_states_interactions(agent.qs, agent.B, agent.B_factor_list, policy)
            qo = control.get_expected_obs_factorized(qs, agent.A, agent.A_factor_list)
            terms["utility"].append(control.calc_expected_utility(qo, agent.C))
            terms["states_info_gain"].append(control.calc_states_info_gain_factorized(agent.A, qs, agent.A_factor_list))
            if agent.use_param_info_gain:
                terms.setdefault("pA_info_gain", []).append(
                    control.calc_pA_info_gain_factorized(agent.pA, qo, qs, agent.A_factor_list))
                terms.setdefault("pB_info_gain", []).append(
                    control.calc_pB_info_gain_interactions(agent.pB, qs, agent.qs, agent.B_factor_list, policy))
            if agent.I is not None:
                terms.setdefault("inductive", []).append(control.calc_inductive_cost(agent.qs, qs, agent.I))
        return {name: [float(np.squeeze(x)) for x in values] for name, values in terms.items()}


if __name__ == "__main__":
    for case in models.cases(models.LEGACY):
        write("legacy", "pymdp.legacy", case, run_case(Legacy, case))
