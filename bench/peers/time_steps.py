"""Steps a model's agents in pymdp as often as it is told to, for `npm run -s bench -- kernel`, which starts it.

    time_steps.py numpy|jax

Standard input: one line of JSON with `model`, `observations` [step][modality][agent] and `actions`
[step][control][agent]; then a number a line: how often to go through all steps. Standard output: first what it came to
(beliefs and policies' posterior after the last step) and how long it took to get ready, then the seconds of each line.
"""

import json
import os
import sys
import time

# One core, as its neighbours in the benchmark have.
for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]:
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import numpy as np  # noqa: E402

from numpy_agents import objects, options_of  # noqa: E402


class Numpy:
    """One agent, as pymdp's NumPy code has it: a Python object a step at a time."""

    def __init__(self, model, observations, actions):
        from pymdp.legacy.agent import Agent

        self.observations = [[int(modality[0]) for modality in seen] for seen in observations]
        self.actions = [np.array([control[0] for control in action], dtype=float) for action in actions]
        given = {name: objects(model[name]) for name in ["A", "B", "C", "D"] if name in model}
        self.make = lambda: Agent(**given, **options_of(model), action_selection="deterministic",
                                  save_belief_hist=False)

    def ready(self):
        agent = self.make()
        return {"qs": [[q.tolist() for q in agent.qs]], "qPi": [agent.q_pi.tolist()]} if self.walk(agent) else None

    def walk(self, agent):
        # All sweeps, as in the model's options; of one factor it does one anyway.
        agent.inference_params = {"num_iter": 16, "dF": 1.0, "dF_tol": 0.001, "compute_vfe": False}
        for seen, action in zip(self.observations, self.actions):
            agent.infer_states(seen)
            agent.infer_policies()
            agent.sample_action()
            agent.action = action
        return True

    def run(self):
        agent = self.make()
        begun = time.perf_counter()
        self.walk(agent)
        return time.perf_counter() - begun


class Jax:
    """All agents as one batch, all steps as one compiled scan: the least that its user can wait for."""

    def __init__(self, model, observations, actions):
        import jax

        jax.config.update("jax_enable_x64", True)
        import jax.numpy as jnp
        from pymdp.agent import Agent

        batch = len(observations[0][0])
        several = lambda x: jnp.broadcast_to(jnp.array(x, dtype=float), (batch, *np.shape(x)))
        given = {name: [several(x) for x in model[name]] for name in ["A", "B", "C", "D"] if name in model}
        options = options_of(model)
        options.pop("alpha")
        agent = Agent(**given, **options, batch_size=batch, action_selection="deterministic", inference_algo="fpi",
                      num_iter=16, use_utility=True, use_states_info_gain=True)
        seen = jnp.moveaxis(jnp.array(observations), 1, 0)[..., None]
        done = jnp.moveaxis(jnp.array(actions), 1, 2)

        def step(carry, at):
            prior, _, _ = carry
            observed, action = at
            qs = agent.infer_states(list(observed), prior)
            q_pi, _ = agent.infer_policies(qs)
            chosen = agent.sample_action(q_pi)
            # What it would have done is made, so that it is paid for; what was done is the stream's.
            action = action + 0 * chosen
            return (agent.update_empirical_prior(action, qs), qs, q_pi), None

        def whole(seen, done):
            first = step((agent.D, None, None), (tuple(s[0] for s in seen), done[0]))[0]
            return jax.lax.scan(step, first, (tuple(s[1:] for s in seen), done[1:]))[0]

        self.jax, self.whole, self.given = jax, jax.jit(whole), (seen, done)

    def ready(self):
        _, qs, q_pi = self.jax.block_until_ready(self.whole(*self.given))
        return {"qs": [[np.asarray(q)[i, -1].tolist() for q in qs] for i in range(len(q_pi))],
                "qPi": np.asarray(q_pi).tolist()}

    def run(self):
        begun = time.perf_counter()
        self.jax.block_until_ready(self.whole(*self.given))
        return time.perf_counter() - begun


def main():
    given = json.loads(sys.stdin.readline())
    # pymdp prints to standard output; ours is kept apart.
    out, sys.stdout = sys.stdout, sys.stderr
    begun = time.perf_counter()
    peer = {"numpy": Numpy, "jax": Jax}[sys.argv[1]](given["model"], given["observations"], given["actions"])
    answers = peer.ready()
    print(json.dumps({**answers, "readySeconds": time.perf_counter() - begun}), file=out, flush=True)
    for line in sys.stdin:
        print(sum(peer.run() for _ in range(int(line))), file=out, flush=True)


if __name__ == "__main__":
    main()
