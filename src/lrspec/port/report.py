"""The report on ports: schedule × framework, which style was chosen how often, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from lrspec.bindings.backend import Backend
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import Unsupported
from lrspec.port.port import Port
from lrspec.port.verification import MOST_ULP
from lrspec.suite.cases import Case

#: A case, a backend, and the port of one to the other, or why there is none.
Ported = tuple[Case, Backend, Port | Unsupported]


def report(ports: Sequence[Ported]) -> str:
    """Return the Markdown of *ports*."""
    backends = list({backend.name: backend for _, backend, _ in ports}.values())
    cells: dict[tuple[str, str], list[Port | Unsupported]] = defaultdict(list)
    for case, backend, port in ports:
        cells[case.recipe.kind, backend.name].append(port)
    kinds = sorted({kind for kind, _ in cells})
    lines = ["# Ports", ""]
    for backend in backends:
        mine = [port for kind in kinds for port in cells[kind, backend.name]]
        lines.append(f"- {backend.title} {_version(mine)}: {len(mine)} ports: {_cell(mine)} ULP")
    lines += [
        "",
        "Each cell: how many cases are native, how many exact; the largest error in ULP. All are",
        f"held to {MOST_ULP:g} ULP, as by `lrspec port --ulp {MOST_ULP:g}`: what is exact for",
        f"`rounding` alone ({_rounded(ports)} ports) is native without it.",
        "",
        _row("schedule", *(backend.title for backend in backends)),
        _row("---", *("---" for _ in backends)),
        *(_row(f"`{kind}`", *(_cell(cells[kind, b.name]) for b in backends)) for kind in kinds),
        "",
        "## Why exact",
    ]
    for backend in backends:
        lines += ["", f"### {backend.title}", ""]
        lines += _reasons([found for found in ports if found[1].name == backend.name])
    return "\n".join([*lines, ""])


def _rounded(ports: Sequence[Ported]) -> int:
    return sum(isinstance(port, Port) and port.cause == "rounding" for _, _, port in ports)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _version(ports: Sequence[Port | Unsupported]) -> str:
    found = {port.certificate.version or "" for port in ports if isinstance(port, Port)}
    return ", ".join(sorted(found - {""})) or "(absent)"


def _cell(ports: Sequence[Port | Unsupported]) -> str:
    styles = Counter(port.style if isinstance(port, Port) else "refused" for port in ports)
    counted = ", ".join(f"{styles[s]} {s}" for s in ("native", STANDALONE, "refused") if styles[s])
    errors = [port.certificate.max_ulp_error for port in ports if isinstance(port, Port)]
    worst = max((error for error in errors if error is not None), default=None)
    return counted if worst is None else f"{counted}; {worst:.3g}"


def _reasons(ports: Sequence[Ported]) -> list[str]:
    """Return a line for each schedule and kind of reason, with one case as an example."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for case, _, port in ports:
        if isinstance(port, Port) and port.style == STANDALONE:
            found[case.recipe.kind, port.cause].append((case.id, " ".join(port.reason.split())))
    return [
        f"- `{kind}`, {cause}: {len(cases)}, as `{cases[0][0]}`: {cases[0][1]}"
        for (kind, cause), cases in sorted(found.items())
    ]
