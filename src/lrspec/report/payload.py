"""The data that the page's script reads, as JSON in a script element."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from lrspec import resources
from lrspec.bindings.backend import Backend
from lrspec.bindings.document import EXPLICIT
from lrspec.dialect.dialect import protocol_of, rules_of
from lrspec.engine.closed_form import Rates
from lrspec.engine.landmarks import landmarks
from lrspec.report.answers import Bite
from lrspec.report.script import modelled
from lrspec.report.sides import SPECIFICATION, Side, Subject, compared
from lrspec.report.sources import Code
from lrspec.report.sparkline import points
from lrspec.spec.schedule import schedules
from lrspec.spec.tolerance import tolerance_of

_POINTS = 240
_MARKS = 12
_EVALUATED = (
    "parameters",
    "constraints",
    "let",
    "closed",
    "composition",
    "machine",
    "landmarks",
    "span",
    "nests",
    "example",
)


def in_script(document: Any) -> str:
    """Return *document* as JSON that no markup in it can end."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def bite_document(bite: Bite) -> dict[str, Any]:
    """Return *bite* as JSON, without the fields that are empty."""
    size = None if bite.size is None else float(f"{bite.size:.4g}")
    document = {
        **vars(bite),
        "size": size,
        "causes": list(bite.causes),
        "arguments": [*bite.arguments],
    }
    return {name: value for name, value in document.items() if value not in ("", [], None)}


def schedule_documents() -> dict[str, Any]:
    """Return what the page's own engine reads of each schedule's file."""
    return {
        kind: {key: schedule.document[key] for key in _EVALUATED if key in schedule.document}
        for kind, schedule in schedules().items()
    }


def models() -> dict[str, Any]:
    """Return all that the page computes rates from: the specification, and each framework's folder.

    A framework has its rules, the data of its protocol, and the bindings that write every argument.
    """
    modes = [backend for backend in compared() if backend.framework in modelled()]
    return {
        "schedules": schedule_documents(),
        "frameworks": {
            name: {"dialect": _dialect_document(backend), "bindings": _bindings_document(backend)}
            for name, backend in modelled().items()
        },
        "backends": {backend.name: backend.framework for backend in modes},
        "precisions": {backend.name: backend.precision for backend in modes},
        "tolerances": {name: asdict(tolerance_of(name)) for name in ("float64", "float32")},
    }


def _dialect_document(backend: Backend) -> dict[str, Any]:
    protocol = protocol_of(backend)
    return {
        "rules": rules_of(backend),
        "base": protocol.BASE,
        "defaults": protocol.LAST,
        "super": protocol.SUPER,
        "aliases": protocol.ALIASES,
        "attributes": sorted(protocol.ATTRIBUTES),
        "groups": protocol.GROUPS,
        "methods": protocol.METHODS,
    }


def _bindings_document(backend: Backend) -> dict[str, Any]:
    document = resources.read_json(backend.folder / "bindings.json")
    schedules = {
        kind: {**entry, "bindings": [b for b in entry.get("bindings", ()) if _is_explicit(b)]}
        for kind, entry in document["schedules"].items()
    }
    by_hand = [name for name, entry in document["classes"].items() if "defined_in" in entry]
    return {"schedules": schedules, "by_hand": by_hand}


def _is_explicit(binding: Mapping[str, Any]) -> bool:
    return binding.get("argument_form", EXPLICIT) == EXPLICIT and not binding.get("read_only")


def code_document(code: Code) -> dict[str, Any]:
    """Return *code* as JSON, without the fields that are empty."""
    texts = {name: getattr(code, name) for name in ("native", "ran", "standalone", "checked")}
    ports = {
        origin: {"source": one.source, "certificate": one.certificate}
        for origin, one in code.ports.items()
    }
    document = {**texts, "ports": ports}
    return {"best": code.best} | {name: value for name, value in document.items() if value}


def curves(subject: Subject, sides: Mapping[str, Side]) -> dict[str, Any]:
    """Return the rates of the first group, on common steps, as base64 of little-endian doubles."""
    plain = {name: side.plain for name, side in sides.items()}
    lines = {n: o for n, o in plain.items() if o is not None and len(o.rates)}
    specified = lines[SPECIFICATION]
    once, _ = subject.steps
    rows = set(points(specified.rates[:, 0], _POINTS))
    for outcome in lines.values():
        length = min(len(outcome.rates), len(specified.rates))
        differs = outcome.rates[:length, 0] != specified.rates[:length, 0]
        rows |= {int(row) for row in np.flatnonzero(differs)[:3]} | {max(length - 1, 0)}
    marks = landmarks(subject.recipe, len(specified.t))
    rows |= {m + off for m in [*marks][:_MARKS] for off in (-1, 0) if m < len(specified.t)}
    kept = sorted(rows)
    return {
        "t": [specified.t[row] for row in kept],
        "end": once,
        "marks": [[step, name] for step, name in [*marks.items()][:_MARKS]],
        "lines": {name: _encoded(outcome.rates, kept) for name, outcome in lines.items()},
    }


def _encoded(rates: Rates, rows: Sequence[int]) -> str:
    column = [float(rates[row, 0]) if row < len(rates) else np.nan for row in rows]
    return base64.b64encode(np.array(column, dtype="<f8").tobytes()).decode()
