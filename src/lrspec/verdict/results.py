"""Findings: the verdict on every run, as written to `results.json`."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from lrspec import resources
from lrspec.errors import BadInput

_BEFORE, _SHOWN = 2, 8


@dataclass(frozen=True)
class Finding:
    """The verdict on one run, with all that a report shows of it.

    `steps` are the first steps that differ and some before them: step, expected rates, observed
    rates, or the momentum, where the finding is `of` that. `silent` are the kinds of divergence
    that would not show here, `rules` the names of the specification's rules that are broken, the
    most particular first; `tried` are the kinds that were tried and did not fit, each with the
    misfit of the nearest prediction relative to its peak (None where it is infinite). Errors are
    absolute, relative to the peak of the expected trace, and in ULP.
    """

    run: str
    case: str
    description: str
    recipe: Mapping[str, Any]
    schedule: str
    backend: str
    argument_form: str
    scenario: str
    status: str
    verdict: str
    kind: str
    first_step: float | None
    extent: int
    updates: int
    max_abs_error: float | None
    max_rel_error: float | None
    max_ulp_error: float | None
    explanation: str
    source: str
    reproducer: str
    steps: Sequence[tuple[float, Sequence[float], Sequence[float]]]
    of: str = "rate"
    silent: Sequence[str] = ()
    rules: Sequence[str] = ()
    tried: Sequence[tuple[str, float | None]] = ()


@dataclass(frozen=True)
class Results:
    """All findings of a run of the suite, and the version of each backend (None: absent)."""

    versions: Mapping[str, str | None]
    findings: Sequence[Finding]

    def to_json(self) -> str:
        """Return the text of `results.json`."""
        document = {
            "backends": {name: {"version": version} for name, version in self.versions.items()},
            "findings": [vars(finding) for finding in self.findings],
        }
        return _indented(document) + "\n"


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def _indented(found: Any, margin: str = "\n") -> str:
    """Return what `json.dumps` makes of *found* with an indent of 1, in a third of its time."""
    if isinstance(found, str):
        return encode_basestring(found)
    if not found or not isinstance(found, (dict, list, tuple)):
        return _ENCODER.encode(found)
    inner = f"{margin} "
    if isinstance(found, dict):
        items = [f"{encode_basestring(name)}: {_indented(f, inner)}" for name, f in found.items()]
        return f"{{{inner}{f',{inner}'.join(items)}{margin}}}"
    items = [_indented(item, inner) for item in found]
    return f"[{inner}{f',{inner}'.join(items)}{margin}]"


def read(path: Path) -> Results:
    """Return the results in the file at *path*; raises `BadInput` where there are none."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only the report needs it

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        schema = resources.read_json(resources.root() / "spec" / "schema" / "results.schema.json")
        if not Draft202012Validator(schema).is_valid(document):
            raise ValueError(path)  # noqa: TRY301 - the same answer as for any other such file
        findings = [Finding(**entry) for entry in document["findings"]]
        versions = {name: entry["version"] for name, entry in document["backends"].items()}
        _ = [versions[finding.backend] for finding in findings]
    except FileNotFoundError as error:
        expected = "the results of a run: `lrspec conform` writes them"
        raise BadInput("$", "no such file", expected, str(path)) from error
    except (OSError, ValueError, KeyError, RecursionError) as error:
        expected = "the results of a run, as `lrspec conform` writes them"
        raise BadInput("$", "something else", expected, str(path)) from error
    return Results(versions, findings)


def window(row: int, updates: int) -> range:
    """Return the rows around *row* that a report shows, of so many *updates*."""
    start = max(row - _BEFORE, 0)
    return range(start, min(start + _SHOWN, updates))


def shown(t: Sequence[float], expected: Any, observed: Any, row: int) -> list[Any]:
    """Return the steps around *row* as a report shows them."""
    return [
        (t[i], expected[i].tolist(), observed[i].tolist() if i < len(observed) else [])
        for i in window(row, len(t))
    ]


def write(path: Path, text: str) -> None:
    """Write *text* to *path* whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
