"""Several schedulers on one optimizer, read as the chain that they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lrspec.errors import BadInput
from lrspec.importers import Description
from lrspec.importers.lineage import lineage
from lrspec.spec.schedule import schedules


def as_one(description: Description) -> tuple[Description, list[str]]:
    """Return a described list of schedulers as one scheduler, and notes on the others.

    That is the framework's chain of those that take effect, or the last if only that one does.
    A single scheduler is returned as it is. Raises `BadInput` where the framework has no chain, and
    where one of several reads a metric.
    """
    if "overwriting" not in description:
        return description, _notes(description)
    members = [item["scheduler"] for item in description["held"]["_schedulers"]]
    without, effective = (
        members[: description["overwriting"]],
        members[description["overwriting"] :],
    )
    notes = _notes(description)
    if without:
        names = " and ".join(member["class"] for member in without)
        have = "has" if len(without) == 1 else "have"
        setter = effective[0]["class"]
        reason = f"{setter}, stepped after it, sets the rate whatever it was before"
        notes.append(f"{names} {have} no effect: {reason}")
    if len(effective) == 1:
        return {**description, **effective[0]}, notes
    if any(map(_reads_metric, effective)):
        names = " and ".join(member["class"] for member in effective)
        alone = "a plateau alone: no recipe says what it does beside a schedule of the step"
        raise BadInput("$", f"{names} on one optimizer", alone)
    return {**description, **_chain(effective)}, notes


def _reads_metric(member: Description) -> bool:
    """Return whether *member* is of a class whose schedule is a state machine."""
    found = lineage(member)
    if not isinstance(found, tuple):
        return found.schedule.machine is not None
    kinds = (kind for kind, _ in found[0].bindings.reading(found[1]))
    return any(schedules()[kind].machine is not None for kind in kinds)


def _chain(members: Sequence[Description]) -> dict[str, Any]:
    """Return the description of the framework's chain of *members*."""
    found = lineage(members[0])
    bindings = found[0].bindings.schedules["chained"].bindings if isinstance(found, tuple) else ()
    name = next((binding.class_ for binding in bindings if binding.class_), None)
    if not isinstance(found, tuple) or name is None:
        raise BadInput("$", members[0]["class"], "schedulers of a framework that can chain them")
    return {
        "class": name,
        "lineage": [{"module": found[0].module, "name": name, "doc": None, "defines": []}],
        "held": {**members[0]["held"], "_schedulers": [{"scheduler": one} for one in members]},
        "replaced": [],
    }


def _notes(description: Description) -> list[str]:
    others = description.get("others")
    if not others:
        return []
    names = " and ".join(name for name, _ in others)
    several = "other schedulers" if len(others) > 1 else "another scheduler"
    note = f"the optimizer has {several}, {names}, beside the one that is read"
    if description["metrics"] or any(reads_metric for _, reads_metric in others):
        return [f"{note}: no recipe says what they do together, as one of them reads a metric"]
    return [f"{note}: read a list of them, such as FILE.py:[A, B], for what they do together"]
