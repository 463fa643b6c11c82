"""Bytes that one more agent of pymdp's NumPy code takes, its matrices shared. For `npm run -s bench -- memory`.

Standard input: one line of JSON, a model. Standard output: the bytes, one number.
"""

import json
import sys
import tracemalloc

from numpy_agents import objects
from pymdp.legacy.agent import Agent

AGENTS = 20


def main():
    model = json.loads(sys.stdin.readline())
    out, sys.stdout = sys.stdout, sys.stderr
    given = {name: objects(model[name]) for name in ["A", "B", "C", "D"] if name in model}
    length = model.get("options", {}).get("policyLen", 1)
    observation = [0] * len(model["A"])

    def stepped():
        agent = Agent(**given, policy_len=length, save_belief_hist=False)
        agent.infer_states(observation)
        agent.infer_policies()
        agent.sample_action()
        return agent

    kept = [stepped()]
    tracemalloc.start()
    kept += [stepped() for _ in range(AGENTS)]
    print(tracemalloc.get_traced_memory()[0] / AGENTS, file=out, flush=True)


if __name__ == "__main__":
    main()
