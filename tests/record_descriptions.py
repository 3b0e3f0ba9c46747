"""Keep short descriptions of the schedulers in conformance/user_files: nox -s record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from lrspec import resources
from lrspec.bindings.backend import backends, packages
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker

FOLDER = resources.root() / "conformance" / "user_files"
RECORDED = Path(__file__).with_name("recorded_descriptions.jsonl")
ROWS, VALUES = 40, 24


def rows() -> list[dict[str, Any]]:
    """Return the expressions, each with what is to be read of it."""
    return list(resources.read_json(FOLDER / "readings.json")["rows"])


def answers(framework: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Return each expression of a framework's script with its worker's answer, in one process."""
    backend = backends()[framework]
    with Worker(backend, interpreter(backend)[0]) as worker:
        for row in rows():
            if row["file"] == f"train_{framework}.py":
                path = str(FOLDER / row["file"])
                request = {"path": path, "expression": row["expression"], "trusted": packages()}
                yield row, msgspec.to_builtins(worker.describe({"read": request}))


def shortened(found: Any) -> Any:
    """Return an answer with the first rates of each copy and the first values of each function."""
    if isinstance(found, list):
        return list(map(shortened, found))
    if not isinstance(found, dict):
        return found
    limits = {"ahead": ROWS, "values": VALUES}
    return {k: v[: limits[k]] if k in limits else shortened(v) for k, v in found.items()}


def main() -> None:
    """Write what each script's schedulers look like in its framework."""
    plain = [name for name, backend in backends().items() if name == backend.framework]
    lines = [
        json.dumps({"file": row["file"], "expression": row["expression"], **shortened(answer)})
        for name in plain
        for row, answer in answers(name)
    ]
    RECORDED.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
