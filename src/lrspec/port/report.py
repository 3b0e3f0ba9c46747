"""The report on ports: the styles and errors of each schedule in each framework, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from lrspec.bindings.backend import Backend
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import Unsupported
from lrspec.port.certificate import MAX_ULP
from lrspec.port.result import Port
from lrspec.port.round_trip import RoundTrip, Route
from lrspec.port.verification import NATIVE
from lrspec.suite.cases import Case

#: A case, a backend, and the port of the one to the other, or why there is none.
Ported = tuple[Case, Backend, Port | Unsupported]


def report(ported: Sequence[Ported]) -> str:
    """Return the Markdown report on the ports *ported*."""
    backends = list({backend.name: backend for _, backend, _ in ported}.values())
    cells: dict[tuple[str, str], list[Port | Unsupported]] = defaultdict(list)
    for case, backend, port in ported:
        cells[case.recipe.kind, backend.name].append(port)
    kinds = sorted({kind for kind, _ in cells})
    rounded = sum(isinstance(port, Port) and port.cause == "rounding" for _, _, port in ported)
    lines = ["# Ports", ""]
    for backend in backends:
        of_backend = [port for kind in kinds for port in cells[kind, backend.name]]
        heading = f"{backend.title} {_version(of_backend)}: {len(of_backend)} ports"
        lines.append(f"- {heading}: {_cell(of_backend)} ULP")
    lines += [
        "",
        "Each cell: the number of native and of standalone ports, and the largest error in ULP.",
        f"All are checked to {MAX_ULP:g} ULP, as by `lrspec port --ulp {MAX_ULP:g}`: the {rounded}",
        "ports that are standalone because of `rounding` are native without this option.",
        "",
        _row("schedule", *(backend.title for backend in backends)),
        _row("---", *("---" for _ in backends)),
        *(_row(f"`{kind}`", *(_cell(cells[kind, b.name]) for b in backends)) for kind in kinds),
        "",
        "## Why standalone",
    ]
    for backend in backends:
        lines += ["", f"### {backend.title}", ""]
        lines += _reasons([row for row in ported if row[1].name == backend.name])
    return "\n".join([*lines, ""])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _version(ports: Sequence[Port | Unsupported]) -> str:
    versions = {port.certificate.version or "" for port in ports if isinstance(port, Port)}
    return ", ".join(sorted(versions - {""})) or "(absent)"


def _cell(ports: Sequence[Port | Unsupported]) -> str:
    """Return how many ports have each style, and the largest error in ULP."""
    styles = Counter(port.style if isinstance(port, Port) else "unsupported" for port in ports)
    order = (NATIVE, STANDALONE, "unsupported")
    counts = ", ".join(f"{styles[style]} {style}" for style in order if styles[style])
    errors = [port.certificate.max_ulp_error for port in ports if isinstance(port, Port)]
    largest = max((error for error in errors if error is not None), default=None)
    return counts if largest is None else f"{counts}; {largest:.3g}"


def _reasons(ported: Sequence[Ported]) -> list[str]:
    """Return a line for each schedule and cause of standalone source, with an example."""
    examples: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for case, _, port in ported:
        if isinstance(port, Port) and port.style == STANDALONE:
            examples[case.recipe.kind, port.cause].append((case.id, " ".join(port.reason.split())))
    return [
        f"- `{kind}`, {cause}: {len(cases)}, as `{cases[0][0]}`: {cases[0][1]}"
        for (kind, cause), cases in sorted(examples.items())
    ]


def round_trip_report(trips: Mapping[Route, RoundTrip]) -> str:
    """Return the Markdown table of how many cases came back, a row per A and a column per B."""
    names = list(dict.fromkeys(home for _, home, _ in trips))
    lines = ["## Round trips", "", "From A (row) to B (column) and back to A:", ""]
    lines += [_row("", *names), _row("---", *("---" for _ in names))]
    for home in names:
        cells = []
        for away in names:
            outcomes = Counter(
                trip.outcome for (_, a, b), trip in trips.items() if (a, b) == (home, away)
            )
            counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
            cells.append(counts or "—")
        lines.append(_row(home, *cells))
    lost = [(route, trip.reason) for route, trip in trips.items() if trip.outcome == "lost"]
    lines += ["", *(f"- lost: `{c}` from {a} by {b}: {reason}" for (c, a, b), reason in lost)]
    return "\n".join([*lines, ""])
