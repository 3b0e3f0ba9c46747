"""Write every generated file: nox -s generate, or python spec/checks/generate.py.

Run it after a change to a schedule, a case, a departure or a page under reports/findings/.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lrspec import resources
from lrspec.spec.schedule import schedules

sys.path.insert(0, str(resources.root() / "conformance"))

import finding_pages
import write_cases
import write_ids
import write_recipe_schema
import write_schemas


def generated() -> dict[Path, Callable[[], str]]:
    """Return each generated file with the function that returns its text.

    The order matters: ids are given to the cases that were written before.
    """
    cases = {write_cases.path_of(s): partial(write_cases.text, s) for s in schedules().values()}
    return {
        write_recipe_schema.PATH: write_recipe_schema.text,
        **{
            write_schemas.path(name): partial(write_schemas.text, name)
            for name in write_schemas.FORMS
        },
        **cases,
        write_ids.PATH: write_ids.text,
        finding_pages.INDEX: finding_pages.index,
    }


def main() -> None:
    """Write the files that have changed, and name each."""
    for path, text in generated().items():
        before = path.read_text(encoding="utf-8") if path.exists() else None
        if (after := text()) != before:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(resources.root())}\n")


if __name__ == "__main__":
    main()
