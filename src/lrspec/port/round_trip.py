"""From A to B and back to A: what a port printed is read in its framework, and ported again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from lrspec.bindings.backend import Backend, backend_of
from lrspec.bindings.document import EXPLICIT
from lrspec.codegen.emit import emit
from lrspec.errors import Unsupported
from lrspec.port.port import Port, ports
from lrspec.port.read_back import Trip, compared, round_trip
from lrspec.port.verification import MOST_ULP, NATIVE, code_of
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case

#: A case's id, the framework A, the framework B.
Way = tuple[str, str, str]
_KEPT = ("same", "other words")


@dataclass(frozen=True)
class Return:
    """How a case came back to A by way of B.

    `outcome` is `same source` (and so the same trace), `same rates` (another source, certified
    there), or `lost`; `reason` says why.
    """

    outcome: str
    reason: str = ""


def read_back(
    cases: Sequence[Case],
    printed: Mapping[tuple[str, str], Port | Unsupported],
    pythons: Mapping[str, str] | None = None,
) -> dict[tuple[str, str], Trip]:
    """Return what is read of each printed source in its framework, by case and framework.

    The frameworks are asked side by side. Where a group's rate is a factor that the optimizer alone
    knows, classes tell the first group's. Raises `BackendAbsent` where a framework is missing.
    """
    names = list(dict.fromkeys(name for _, name in printed))

    def read(name: str) -> list[tuple[tuple[str, str], Trip]]:
        backend = backend_of(name)
        found = []
        with Worker(backend, interpreter(backend, pythons)[0]) as worker:
            for case in cases:
                port = printed[case.id, name]
                if isinstance(port, Port):
                    recipe = case.recipe
                    if backend.groups == "factors" and port.style == NATIVE:
                        recipe = recipe.with_base(recipe.bases[0]) if recipe.base_lr else recipe
                    found.append(((case.id, name), round_trip(worker, recipe, port.source)))
        return found

    with ThreadPoolExecutor() as pool:
        return dict(trip for found in pool.map(read, names) for trip in found)


def returns(
    cases: Sequence[Case],
    printed: Mapping[tuple[str, str], Port | Unsupported],
    trips: Mapping[tuple[str, str], Trip],
    pythons: Mapping[str, str] | None = None,
) -> dict[Way, Return]:
    """Return how each case comes back, for every pair of frameworks."""
    by_id = {case.id: case for case in cases}
    found: dict[Way, Return] = {}
    again: dict[Way, Recipe] = {}
    names = list(dict.fromkeys(name for _, name in printed))
    for way in ((case.id, a, b) for case in cases for a in names for b in names if a != b):
        case_id, home, away = way
        port, trip = printed[case_id, home], trips.get((case_id, away))
        if not isinstance(port, Port) or trip is None or trip.read is None:
            found[way] = Return("lost", trip.reason if trip else "it was not ported")
            continue
        read = _whole(trip.read, by_id[case_id].recipe)
        kept = compared(by_id[case_id].recipe, read)
        if kept.outcome not in _KEPT:
            found[way] = Return("lost", kept.reason)
        elif _same(port, read, backend_of(home)):
            found[way] = Return("same source")
        else:
            again[way] = read
    wanted = [
        (replace(by_id[case], recipe=read), backend_of(home))
        for (case, home, _), read in again.items()
    ]
    for way, port in zip(again, ports(wanted, pythons, brief=True, ulp=MOST_ULP), strict=True):
        if isinstance(port, Unsupported) or port.certificate.diverges:
            reason = str(port) if isinstance(port, Unsupported) else port.certificate.text
            found[way] = Return("lost", reason)
        else:
            found[way] = Return("same rates")
    return found


def _whole(read: Recipe, recipe: Recipe) -> Recipe:
    """Return what was read with the base rates of all groups, which an optimizer keeps."""
    plain = replace(read, about=None)
    return plain.with_base(*recipe.base_lr) if recipe.base_lr and plain.base_lr else plain


def _same(port: Port, read: Recipe, home: Backend) -> bool:
    """Tell whether *read* is written in A in the very code that was printed there."""
    try:
        form = EXPLICIT if port.style == NATIVE else port.style
        text = emit(read, home, form).text
    except Unsupported:
        return False
    return code_of(text) == code_of(port.source)


def matrix(found: Mapping[Way, Return]) -> str:
    """Return the Markdown of how many cases came back, a row for A and a column for B."""
    names = list(dict.fromkeys(home for _, home, _ in found))
    lines = ["## There and back", "", "From A (a row) to B (a column) and back to A:", ""]
    lines += [_row("", *names), _row("---", *("---" for _ in names))]
    for home in names:
        cells = []
        for away in names:
            told = Counter(r.outcome for (_, a, b), r in found.items() if (a, b) == (home, away))
            cells.append(", ".join(f"{n} {outcome}" for outcome, n in sorted(told.items())) or "—")
        lines.append(_row(home, *cells))
    lost = [(way, told) for way, told in found.items() if told.outcome == "lost"]
    lines += ["", *(f"- lost: `{w[0]}` from {w[1]} by {w[2]}: {told.reason}" for w, told in lost)]
    return "\n".join([*lines, ""])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
