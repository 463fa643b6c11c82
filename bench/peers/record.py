"""Writes a run as a file in the format of test/golden/data, into test/peers/data/<peer>/."""

import json
import pathlib
from importlib.metadata import version

import numpy as np

DATA = pathlib.Path(__file__).resolve().parents[2] / "test" / "peers" / "data"
PACKAGE = "inferactively-pymdp"


def write(folder, code, case, steps):
    """`code`: which code of the package computed it. `steps`: one dictionary a step, by the names of golden files."""
    smallest = min(step.pop("action_margin") for step in steps)
    assert smallest > 1e-6, f"{case['name']}: two actions are worth the same, take another seed"
    seen = [
        {"t": t, "observation": case["observations"][t], **step}
        for t, step in enumerate(steps)
    ]
    run = {
        "name": case["name"], "kind": "agent",
        "peer": {"package": PACKAGE, "version": version(PACKAGE), "code": code},
        "seed": case["seed"], "model": case["model"], "config": case["config"],
        "call_order": case["call_order"], "forced": case["forced"], "steps": seen,
    }
    target = DATA / folder
    target.mkdir(parents=True, exist_ok=True)
    text = json.dumps(plain(run), allow_nan=False, separators=(",", ":"))
    (target / f"{case['name']}.json").write_text(text + "\n")
    print(folder, case["name"], len(text))


def margin(marginals):
    """By how much the best action is ahead of the next, where there are two."""
    gaps = [np.diff(np.sort(np.asarray(m))[-2:])[0] for m in marginals if len(m) > 1]
    return float(min(gaps, default=1.0))


def plain(value):
    """Arrays of any kind as nested lists of numbers."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value
