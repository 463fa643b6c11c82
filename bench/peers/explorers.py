"""Steps explorers in pymdp's NumPy code the ways the seed document does, for `npm run -s bench -- seed`, which starts it.

    explorers.py process|threads|processes COUNT

Standard input: one line of JSON with `model`, `observations` [step][modality][agent], `actions` [step][control][agent]
and `checked`; then a number a line: how many agents are to go through all steps. Standard output: first what the first
`checked` agents came to after all steps (beliefs and policies' posterior) and the seconds it took, then those of each
line. Always all steps: beliefs sharpen on the way, and its information gain skips states that are out of the question,
so that late steps cost a third of early ones.
"""

import json
import multiprocessing
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

# A thread or a process is one core's work: NumPy starts no threads of its own.
for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]:
    os.environ[name] = "1"

import numpy as np  # noqa: E402

from numpy_agents import objects, options_of  # noqa: E402


class Explorers:
    """Agents as pymdp's NumPy code has them: a Python object each, a step at a time. `count`: threads that step them."""

    def __init__(self, given, count=1):
        try:
            from pymdp.legacy.agent import Agent
            # As `bench -- kernel` tells it: no free energy, which nobody asked for.
            self.settings = {"num_iter": 16, "dF": 1.0, "dF_tol": 0.001, "compute_vfe": False}
        except ImportError:
            from pymdp.agent import Agent
            self.settings = None
        model = given["model"]
        matrices = {name: objects(model[name]) for name in ["A", "B", "C", "D"] if name in model}
        self.make_one = lambda: Agent(**matrices, **options_of(model), action_selection="deterministic",
                                      save_belief_hist=False)
        # [agent][step]
        self.seen = np.transpose(given["observations"], (2, 0, 1)).tolist()
        self.done = np.transpose(np.array(given["actions"], dtype=float), (2, 0, 1))
        self.count = count

    def make(self, first, count):
        """New agents, those of the stream from `first` on; beyond its end they see what its first ones saw."""
        self.agents = [(i % len(self.seen), self.make_one()) for i in range(first, first + count)]
        for _, agent in self.agents if self.settings else []:
            agent.inference_params = self.settings

    def walk(self):
        one = lambda entry: self.walk_one(*entry)
        if self.count == 1:
            for entry in self.agents:
                one(entry)
            return
        with ThreadPoolExecutor(self.count) as executor:
            list(executor.map(one, self.agents))

    def walk_one(self, place, agent):
        for seen, action in zip(self.seen[place], self.done[place]):
            agent.infer_states(seen)
            agent.infer_policies()
            agent.sample_action()
            agent.action = action

    def answers(self):
        return [([q.tolist() for q in agent.qs], agent.q_pi.tolist()) for _, agent in self.agents]


class Processes:
    """The same agents, shared out to processes that stand ready."""

    def __init__(self, given, count):
        context = multiprocessing.get_context("spawn")
        self.pipes = []
        for _ in range(count):
            ours, theirs = context.Pipe()
            context.Process(target=serve, args=(theirs, given), daemon=True).start()
            self.pipes.append(ours)

    def make(self, first, count):
        shares = [count * i // len(self.pipes) for i in range(len(self.pipes) + 1)]
        self.all([("make", first + a, b - a) for a, b in zip(shares, shares[1:])])

    def walk(self):
        self.all([("walk",)] * len(self.pipes))

    def answers(self):
        return [one for some in self.all([("answers",)] * len(self.pipes)) for one in some]

    def all(self, orders):
        for pipe, order in zip(self.pipes, orders):
            pipe.send(order)
        return [pipe.recv() for pipe in self.pipes]


def serve(pipe, given):
    # What pymdp prints must not stand among the answers.
    sys.stdout = sys.stderr
    agents = Explorers(given)
    try:
        while True:
            name, *arguments = pipe.recv()
            pipe.send(getattr(agents, name)(*arguments))
    except EOFError:
        pass


def main():
    out, sys.stdout = sys.stdout, sys.stderr
    given = json.loads(sys.stdin.readline())
    mode, count = sys.argv[1], int(sys.argv[2])
    agents = Processes(given, count) if mode == "processes" else Explorers(given, count)
    took = timed(agents, given["checked"])
    qs, q_pi = zip(*agents.answers())
    print(json.dumps({"seconds": took, "qs": qs, "qPi": q_pi}), file=out, flush=True)
    for line in sys.stdin:
        print(timed(agents, int(line)), file=out, flush=True)


def timed(agents, count):
    agents.make(0, count)
    begun = time.perf_counter()
    agents.walk()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
