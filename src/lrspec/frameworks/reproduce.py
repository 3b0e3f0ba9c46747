"""Framework source that shows a divergence: the emitted text, driven as the worker drove it."""

from __future__ import annotations

from string import Template

from lrspec.frameworks.backend import Backend
from lrspec.truth.drive import Drive


def reproducer(source: str, backend: Backend, drive: Drive, updates: int) -> str:
    """Return a script that prints the observed rate of each of the first *updates*."""
    template = (backend.folder / f"{backend.name}.reproducer.txt").read_text(encoding="utf-8")
    actions, left = [], updates
    for verb, count in drive.actions:
        if left <= 0:
            break
        if verb == "jump":
            actions.append((verb, count))
        else:
            actions.append((verb, min(count, left)))
            left -= count
    bases = drive.recipe.bases
    return Template(template).substitute(
        source=source.strip(),
        lr=repr(list(bases)),
        factors=repr([base / bases[0] for base in bases]),
        actions=_text(actions),
    )


def _text(actions: list[tuple[str, int]]) -> str:
    return "[" + ", ".join(f'("{verb}", {count})' for verb, count in actions) + "]"
