"""The harness that the seed document's efficiency comes from, and the same with work in it. For `bench -- seed`.

Standard input: a line of JSON for each measurement, ["sleep" or "compute", "alone" or "pooled", agents, rounds].
Standard output: the seconds of each. `alone` is one agent that takes all the steps; `pooled` is a new ThreadPoolExecutor for each round.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

# About 0.8 ms of arithmetic that holds the interpreter's lock, as NumPy's small calls mostly do.
COMPUTE_SECONDS = 0.0008


def sleep():
    """A mock agent's step."""
    time.sleep(0.001)
    return 1


def arithmetic(turns):
    value = 1
    for i in range(turns):
        value = (value * 31 + i) % 1000003
    return value


def calibrated():
    """A step that computes, and its answer."""
    turns = 10_000
    turns = round(turns * COMPUTE_SECONDS / min(timed(turns) for _ in range(20)))
    answer = arithmetic(turns)
    return lambda: int(arithmetic(turns) == answer)


def timed(turns):
    begun = time.perf_counter()
    arithmetic(turns)
    return time.perf_counter() - begun


def alone(step, agents, rounds):
    return sum(step() for _ in range(agents * rounds))


def pooled(step, agents, rounds):
    done = 0
    for _ in range(rounds):
        with ThreadPoolExecutor(min(32, agents + 4)) as executor:
            done += sum(future.result() for future in [executor.submit(step) for _ in range(agents)])
    return done


def main():
    steps = {"sleep": sleep, "compute": calibrated()}
    for line in sys.stdin:
        what, how, agents, rounds = json.loads(line)
        begun = time.perf_counter()
        done = {"alone": alone, "pooled": pooled}[how](steps[what], agents, rounds)
        took = time.perf_counter() - begun
        assert done == agents * rounds, f"{done} right answers of {agents * rounds}"
        print(took, flush=True)


if __name__ == "__main__":
    main()
