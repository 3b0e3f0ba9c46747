"""The functions that take input from outside, each as one that a fuzzer calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from lrspec.bindings.backend import backend_of, backends
from lrspec.bindings.document import bindings_of
from lrspec.cli.verdicts import line_of, own_verdicts
from lrspec.codegen.emit import emit
from lrspec.dialect.classes import classes
from lrspec.dialect.dialect import protocol_of
from lrspec.engine.closed_form import at, trace
from lrspec.engine.horizon import end_of
from lrspec.engine.landmarks import landmarks, span
from lrspec.errors import LrspecError
from lrspec.importers.configuration import FORMATS
from lrspec.importers.configuration.fields import Units
from lrspec.json_input import document, parse_json
from lrspec.report.escaping import in_markdown
from lrspec.runtime.messages import Description, Hello, Reply
from lrspec.runtime.observation import from_answer
from lrspec.runtime.records import Record
from lrspec.scenario.own_run import own_run, run_length
from lrspec.spec.formula.compiler import compile_formulas
from lrspec.spec.formula.functions import ARRAY, ELEMENTARY, SCALAR
from lrspec.spec.formula.grammar import parse
from lrspec.spec.recipe import from_dict
from lrspec.spec.schedule import from_document
from lrspec.suite.cases import Case
from lrspec.suite.findings import finding
from lrspec.suite.plan import plan
from lrspec.suite.run import mismatched
from lrspec.verdict.results import Finding, Results
from lrspec.yaml_input import parse_yaml_1_1, parse_yaml_1_2


def take_bytes(data: bytes) -> None:
    readers = [from_dict, *(partial(f.recipe, units=Units()) for f in FORMATS.values())]
    for decode in (parse_json, parse_yaml_1_2, parse_yaml_1_1):
        value = _tolerant(decode, data)
        for read in readers:
            _tolerant(read, value)


def take_formula(text: str) -> None:
    parsed = parse(text, frozenset({"t"}), ELEMENTARY)
    with np.errstate(all="ignore"):
        for t in (0, 1, 7, 10**15):
            compile_formulas(("t",), (), parsed, SCALAR)(t)
        compile_formulas(("t",), (), parsed, ARRAY)(np.arange(50.0))


def take_recipe(given: Any) -> None:
    recipe = from_dict(given)
    for step in (0, 5, 10**15):
        _tolerant(at, recipe, step)
    _tolerant(trace, recipe, 100)
    _tolerant(landmarks, recipe, 1000)
    _tolerant(lambda: (span(recipe), end_of(recipe), run_length(recipe, longest=1000)))
    _tolerant(own_run, recipe, 100)
    for name in ("torch", "paddle", "oneflow"):
        source = _tolerant(emit, recipe, backends()[name])
        if source is not None:
            compile(source.text, "<source>", "exec")


def _tolerant(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except LrspecError:
        return None


def take_schedule(given: Any) -> None:
    from_document(given)


def take_bindings(given: Any) -> None:
    bindings_of(given["of"] if isinstance(given, dict) and "of" in given else given)


def take_dialect(given: Any) -> None:
    if isinstance(given, dict) and given.get("name") in ("torch", "paddle", "oneflow"):
        classes(
            given.get("of"),
            protocol_of(backend_of(given["name"])),
        )


def take_result(given: Any) -> None:
    found = document(json.dumps(given), Finding, "a finding")
    results = Results({"torch": "2.13.0"}, [found])
    if found.backend == "torch":
        list(own_verdicts(results, 80))
    assert "\n" not in str(in_markdown(line_of(found)))
    results.to_json()


def take_record(given: Any) -> None:
    from_answer(document(json.dumps(given), Record, "a recorded trace"))


def take_answer(given: Any) -> None:
    line = json.dumps(given)
    for form in (Hello, Description):
        _tolerant(document, line, form, "a line")
    observation = from_answer(document(line, Reply, "an answer"))
    run = _toy_run()
    if not mismatched(run.scenario, observation):
        finding(run, observation)


@cache
def _toy_run() -> Any:
    recipe = from_dict({"schedule": "step", "base_lr": 1, "step_size": 2})
    return plan([Case("a", "", recipe)], [backends()["torch"]], ["stepwise"], 12)[0]


TARGETS: dict[str, Callable[[Any], None]] = {
    "bytes": take_bytes,
    "formula": take_formula,
    "recipe": take_recipe,
    "schedule": take_schedule,
    "bindings": take_bindings,
    "dialect": take_dialect,
    "result": take_result,
    "record": take_record,
    "answer": take_answer,
}
