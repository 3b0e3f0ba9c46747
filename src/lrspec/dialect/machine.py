"""The state machines of a framework: those of the specification, with its own formulas.

`backends/<name>/dialect/machines.json` has, by schedule, the formulas of the machine's `state` and
`step` that differ. A standalone source is written from them; the framework's own class is predicted
by the rules of `classes.json`, and `tests/dialect/test_machine.py` compares the two.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from lrspec import resources
from lrspec.bindings.backend import backend_of
from lrspec.errors import BadInput, under
from lrspec.spec.recipe import Recipe
from lrspec.spec.schedule import Schedule, from_document, schedule_of


def with_own_machine(recipe: Recipe) -> Recipe:
    """Return *recipe* with the state machine of its dialect's framework.

    Raises `BadInput` for an unknown framework.
    """
    if recipe.dialect is None or recipe.schedule.machine is None:
        return recipe
    with under("$.dialect"):
        backend = backend_of(recipe.dialect.framework, "$.framework")
    return replace(recipe, schedule=_schedule(recipe.kind, backend.framework))


@cache
def _schedule(kind: str, framework: str) -> Schedule:
    """Return the schedule *kind* with the formulas of *framework*."""
    path = backend_of(framework).folder / "dialect" / "machines.json"
    own = resources.read_json(path).get(kind) if path.exists() else None
    document = schedule_of(kind).document
    if own is None:
        return schedule_of(kind)
    machine = document["machine"]
    unknown = own["state"].keys() - machine["state"].keys()
    unknown |= own["step"].keys() - dict(machine["step"]).keys()
    if unknown:
        raise BadInput(f"{path.name} $.{kind}", ", ".join(sorted(unknown)), "names of the machine")
    state = {**machine["state"], **own["state"]}
    step = [[name, own["step"].get(name, formula)] for name, formula in machine["step"]]
    return from_document({**document, "machine": {**machine, "state": state, "step": step}})
