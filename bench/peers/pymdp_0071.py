"""pymdp 0.0.7.1, the last release that was NumPy alone, on the random models. In an environment of requirements-0.txt."""

import numpy as np
from pymdp import control
from pymdp.agent import Agent
from pymdp.algos import fpi

import models
from numpy_agents import run_case
from record import write


class Numpy0071:
    Agent = Agent
    fpi = fpi
    SETTINGS = []

    @staticmethod
    def structure(model):
        """It has none: every modality depends on all factors, every factor on itself."""
        return {}

    @staticmethod
    def params(config):
        """It cannot be told to leave the free energy out: without `compute_vfe` it stops at a tolerance of 0."""
        given = dict(config["inference_params"])
        if given.pop("compute_vfe", True) is False:
            given["dF_tol"] = 0.0
        return given

    @staticmethod
    def prior(agent):
        if agent.action is None:
            return agent.D
        return control.get_expected_states(agent.qs, agent.B, agent.action.reshape(1, -1))[0]

    @staticmethod
    def terms(agent):
        """The parts of G, each by the function that G is made of; those of counts only where they are in G."""
        terms = {"utility": [], "states_info_gain": []}
        future = agent.get_future_qs() if agent.inference_algo == "MMP" else None
        for i, policy in enumerate(agent.policies):
            qs = future[i] if future is not None else control.get_expected_states(agent.qs, agent.B, policy)
            qo = control.get_expected_obs(qs, agent.A)
            terms["utility"].append(control.calc_expected_utility(qo, agent.C))
            terms["states_info_gain"].append(control.calc_states_info_gain(agent.A, qs))
            if agent.use_param_info_gain:
                terms.setdefault("pA_info_gain", []).append(control.calc_pA_info_gain(agent.pA, qo, qs))
                terms.setdefault("pB_info_gain", []).append(
                    control.calc_pB_info_gain(agent.pB, qs, agent.qs, policy))
        return {name: [float(np.squeeze(x)) for x in values] for name, values in terms.items()}


if __name__ == "__main__":
    for case in models.cases(models.NUMPY):
        write("pymdp-0.0.7.1", "pymdp", case, run_case(Numpy0071, case))
