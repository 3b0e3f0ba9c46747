"""Logs of learning rates, as training scripts write them: CSV files and JSON lines."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrspec.engine.closed_form import Rates
from lrspec.errors import BadInput, located
from lrspec.json_input import MAX_RECORD_BYTES, read_bytes

#: The formats, by the ending of a file's name.
DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
JSON_LINES = (".jsonl", ".ndjson")
_STEP = re.compile(r"(global_?)?(step|update|iteration|iter|t)", re.IGNORECASE)
_RATE = re.compile(r".*\b(lr|learning_?rate|rate)(\b|_|\d).*", re.IGNORECASE)
_EXPECTED = "a log of rates: a line per update, with its rate or its step and rates"


@dataclass(frozen=True)
class RateLog:
    """Logged rates: `steps` in increasing order, and a row per step with a column per group."""

    steps: NDArray[np.int64]
    rates: Rates


def is_log(path: Path) -> bool:
    """Return whether the ending of *path* is that of a log."""
    return path.suffix.lower() in (*DELIMITERS, *JSON_LINES)


def read_log(path: Path) -> RateLog:
    """Return the rates in the file at *path*, of the first step 0 if it has no steps.

    Raises `BadInput`, with the file and the line, for what is not a log of rates.
    """
    with located(path):
        data = read_bytes(path, _EXPECTED, MAX_RECORD_BYTES)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BadInput("$", "bytes that are not UTF-8", _EXPECTED) from error
        json_lines = path.suffix.lower() in JSON_LINES
        rows = list(_of_json(text) if json_lines else _of_table(text, path.suffix.lower()))
        return _log(rows)


#: A line number, its step if it has one, and its rates.
_Row = tuple[int, Any, Sequence[Any]]


def _of_json(text: str) -> Iterator[_Row]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"line {number}", "no JSON", _EXPECTED) from error
        step = None
        if isinstance(entry, dict):
            named = {_kind(name): value for name, value in reversed(entry.items())}
            step, entry = named.get("step"), named.get("rate")
        yield number, step, entry if isinstance(entry, list) else [entry]


def _of_table(text: str, suffix: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text), delimiter=DELIMITERS[suffix])
    lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    kinds: list[str] = []
    if lines and not _is_number(lines[0][1][-1]):
        kinds = [_kind(name) for name in lines.pop(0)[1]]
    elif lines and len(lines[0][1]) > 1:
        first = [cells[0] for _, cells in lines]
        counts = all(map(str.isdecimal, first)) and first == sorted(first, key=int)
        kinds = ["step" if counts else "rate"] + ["rate"] * (len(lines[0][1]) - 1)
    for number, cells in lines:
        pairs = list(zip(kinds or ["rate"] * len(cells), cells, strict=False))
        step = next((cell for kind, cell in pairs if kind == "step"), None)
        yield number, step, [cell for kind, cell in pairs if kind == "rate"]


def _kind(name: str) -> str:
    """Return what a column is by its *name*: `step`, `rate` or something else."""
    if _STEP.fullmatch(name.strip()):
        return "step"
    return "rate" if _RATE.fullmatch(name.strip().replace("/", " ")) else ""


def _is_number(text: Any) -> bool:
    try:
        float(text)
    except (TypeError, ValueError):
        return False
    return not isinstance(text, bool)


def _log(rows: Sequence[_Row]) -> RateLog:
    if not rows:
        raise BadInput("$", "no rates", _EXPECTED)
    steps: list[int] = []
    rates: list[list[float]] = []
    for index, (number, step, row) in enumerate(rows):
        if not row or not all(map(_is_number, row)):
            raise BadInput(f"line {number}", _shown(row), _EXPECTED)
        if len(row) != len(rows[0][2]):
            expected = f"{len(rows[0][2])} of them, as in the first line"
            raise BadInput(f"line {number}", f"rates: {len(row)}", expected)
        at = index if step is None else float(step) if _is_number(step) else -1.0
        if at != int(at) or at < 0 or (steps and at <= steps[-1]):
            expected = "whole steps in increasing order"
            raise BadInput(f"line {number}", f"the step {step}", expected)
        steps.append(int(at))
        rates.append([float(rate) for rate in row])
    return RateLog(np.array(steps), np.array(rates))


def _shown(row: Sequence[Any]) -> str:
    return ", ".join(map(str, row)) if row and row != [None] else "no rate"
