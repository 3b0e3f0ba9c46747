"""Validation of a recipe's parameters by what its schedule declares about them."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Mapping
from typing import Any

from lrspec.errors import BadInput, described, did_you_mean, missing, nearest, unknown
from lrspec.spec.other_names import meant_choices, meant_parameters, reason_against
from lrspec.spec.parameter import BOUNDS, MAX_GROUPS, TYPES, Parameter
from lrspec.spec.schedule import Schedule, schedules

_DEEPEST = 32
BASE_LR = Parameter(
    name="base_lr",
    type="number_per_group",
    unit="rate",
    meaning="the base rate, or a list with one per parameter group",
    bounds={"exclusiveMinimum": 0},
)

_OUTERMOST = ("about", "dialect")


def check_depth(document: Any) -> None:
    """Raise `BadInput` where schedules are nested too deeply."""
    pending = [(document, 0)]
    while pending:
        item, depth = pending.pop()
        if depth > _DEEPEST:
            raise BadInput("$", "deeper nesting", f"at most {_DEEPEST} levels of schedules")
        if isinstance(item, Mapping):
            pending.extend((inner, depth + 1) for inner in item.values())
        elif isinstance(item, list):
            pending.extend((inner, depth) for inner in item if isinstance(inner, (Mapping, list)))


def validate(document: Mapping[str, Any], schedule: Schedule, *, outermost: bool) -> None:
    """Raise `BadInput`, with the JSON path, where *document* is not a recipe of *schedule*.

    Only the *outermost* recipe may have base rates. Nested recipes are not validated.
    """
    parameters = dict(schedule.parameters)
    if outermost:
        parameters = {"base_lr": BASE_LR, **parameters}
    for name in document:
        own = name == "schedule" or (outermost and name in _OUTERMOST)
        if name not in parameters and not own:
            raise _unknown(name, parameters, schedule)
    for name, parameter in schedule.parameters.items():
        if parameter.required and name not in document:
            raise missing("$", name, parameter.meaning)
    if outermost and schedule.reads_base_lr and "base_lr" not in document:
        raise missing("$", "base_lr", BASE_LR.meaning)
    if not isinstance(document.get("about", {}), Mapping):
        raise BadInput("$.about", described(document["about"]), "an object")
    for name, value in document.items():
        if name in parameters:
            _check(parameters[name], value)


def _unknown(name: object, parameters: Mapping[str, Parameter], schedule: Schedule) -> BadInput:
    names = ", ".join(parameters)
    allowed = f"{schedule.kind} takes {names or 'no parameters'}"
    place = f"$.{str(name)[:40]}"
    if name == "base_lr":
        sentence = f"only the outermost recipe has `base_lr`; {allowed}"
        return BadInput(place, "`base_lr` in a nested recipe", allowed, sentence=sentence)
    reason = reason_against(str(name))
    if reason:
        return BadInput(place, f"`{name}`", allowed, sentence=f"{reason}; {allowed}")
    known = [*parameters, "schedule", "about"]
    meant = meant_parameters(str(name), schedule.kind, known)
    owners = [kind for kind, other in schedules().items() if name in other.parameters]
    if owners and not meant:
        sentence = f"{allowed}; `{name}` is a parameter of {', '.join(owners)}"
        return BadInput(place, f"`{name}`", allowed, sentence=sentence)
    return unknown(place, "parameter", name, known, allowed, meant)


def _check(parameter: Parameter, value: Any) -> None:
    place, type_ = f"$.{parameter.name}", TYPES[parameter.type]
    item = _bounded(type_.noun, parameter)
    several = _bounded(type_.plural, parameter)
    if isinstance(value, list) and type_.max_items:
        if not type_.min_items <= len(value) <= type_.max_items:
            expected = f"a list of {type_.min_items} to {type_.max_items} {several}"
            raise BadInput(place, described(value), expected)
        for index, each in enumerate(value):
            _check_item(parameter, each, f"{place}[{index}]", item)
    elif isinstance(value, list) and type_.per_group and 1 <= len(value) <= MAX_GROUPS:
        for index, each in enumerate(value):
            _check_item(parameter, each, f"{place}[{index}]", item)
    elif not type_.single:
        single = f", such as [{described(value)}]" if IS[type_.json](value) else ""
        raise BadInput(place, _typed(value), f"a list of {several}{single}")
    else:
        alternative = ", or a list of them" if type_.max_items else ""
        _check_item(parameter, value, place, item + alternative)


def _check_item(parameter: Parameter, value: Any, place: str, expected: str) -> None:
    type_ = TYPES[parameter.type]
    if value is None and type_.nullable:
        return
    if not IS[type_.json](value):
        raise BadInput(place, _typed(value), expected)
    if parameter.choices and value not in parameter.choices:
        meant = meant_choices(value, parameter.choices) or nearest(value, parameter.choices)
        question = f"; {did_you_mean(meant)}" if meant else ""
        raise BadInput(place, described(value), expected + question)
    if type_.json in ("integer", "number") and not abs(value) <= sys.float_info.max:
        raise BadInput(place, described(value), "a finite number")
    if type_.maximum is not None and value > type_.maximum:
        raise BadInput(place, described(value), f"{type_.noun} of at most {type_.maximum}")
    if not all(BOUNDS[bound][1](value, limit) for bound, limit in parameter.bounds.items()):
        raise BadInput(place, described(value), expected)


def _typed(value: Any) -> str:
    """Return *value* as text; of a number in quotes, that it is a string."""
    with contextlib.suppress(ValueError):
        if isinstance(value, str) and math.isfinite(float(value)):
            return f"the string {described(value)} (a number has no quotes)"
    return described(value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


#: Whether a value has a type of JSON; a whole float is an integer, as in JSON Schema.
IS: Mapping[str, Callable[[Any], bool]] = {
    "integer": _is_integer,
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, Mapping),
}


def _bounded(noun: str, parameter: Parameter) -> str:
    """Return *noun* with the bounds or choices of *parameter*: `a number of at least 0`."""
    bounds = (f"{BOUNDS[bound][0]} {limit:g}" for bound, limit in parameter.bounds.items())
    choices = ", ".join(parameter.choices)
    return " ".join(filter(None, [noun, " and ".join(bounds), choices]))
