"""Certified ports of what the page shows: `reports/ports.json`, written where the frameworks are.

Each subject is ported to each framework as specified and, from a framework that does otherwise, as
it runs there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from lrspec.bindings.backend import Backend, backends, frameworks
from lrspec.json_input import read_document
from lrspec.port.port import ports
from lrspec.port.result import Port
from lrspec.report.comparison import Comparison
from lrspec.report.sides import SPECIFICATION, Subject
from lrspec.spec.origin import Origin
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of
from lrspec.suite.cases import Case

FILE = "ports.json"


class CertifiedPort(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A port of *subject*, whose *recipe* it was, to *backend*.

    `origin` is the framework whose rates it has, or `specification`. `certified` says whether the
    framework was there and ran it.
    """

    subject: str
    origin: str
    backend: str
    recipe: Mapping[str, Any]
    source: str
    style: str
    reason: str
    certificate: str
    certified: bool


class Ports:
    """The ports that were certified, by what they are of."""

    def __init__(self, every: Iterable[CertifiedPort] = ()) -> None:
        self._known = {(one.subject, one.origin, one.backend): one for one in every}

    def of(self, subject: str, backend: str, recipe: Recipe) -> dict[str, CertifiedPort]:
        """Return the ports of *subject* to *backend* by origin, unless its recipe has changed."""
        document = msgspec.to_builtins(recipe.to_dict())
        return {
            origin: one
            for (name, origin, to), one in self._known.items()
            if (name, to) == (subject, backend) and one.recipe == document
        }


NO_PORTS = Ports()


def read(path: Path) -> Ports:
    """Return the ports in the file *path*, none if there is no such file; raises `BadInput`."""
    if not path.exists():
        return NO_PORTS
    return Ports(read_document(path, list[CertifiedPort], "the ports of a report"))


def text_of(every: Sequence[CertifiedPort]) -> str:
    """Return the text of the file with *every* port, a port on each line."""
    lines = [msgspec.json.encode(one).decode() for one in every]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def certified(found: Iterable[Comparison], targets: Iterable[Backend]) -> list[CertifiedPort]:
    """Return the ports of *found* to each of *targets*, run there where it is installed.

    A port that does not have the rates that it should have is left out.
    """
    wanted = [
        (one.subject, origin, target)
        for target in targets
        for one in found
        for origin in (SPECIFICATION, *departing(one))
        if origin != target.framework
    ]
    cases = [Case(f"{s.id} {origin}", "", _meaning(s.recipe, origin)) for s, origin, _ in wanted]
    made = ports([(case, target) for case, (_, _, target) in zip(cases, wanted, strict=True)])
    return [
        _certified(*key, port)
        for key, port in zip(wanted, made, strict=True)
        if isinstance(port, Port) and not port.certificate.diverges
    ]


def departing(one: Comparison) -> list[str]:
    """Return the frameworks that complete an ordinary run with other rates, also past its end."""
    return [name for name in frameworks() if name in one.sides and _departs(one, name)]


def _departs(one: Comparison, name: str) -> bool:
    plain = one.sides[name].outcomes.get("once", ())
    drift = tolerance_of(one.sides[name].precision).divergence
    found = one.bites.get((SPECIFICATION, name), ())
    differs = any(b.situation in ("once", "past") and (b.size or 1.0) > drift for b in found)
    return differs and bool(plain) and not plain[0].error


def _meaning(recipe: Recipe, origin: str) -> Recipe:
    if origin == SPECIFICATION:
        return recipe
    version = backends()[origin].pins[0].partition("==")[2]
    return replace(recipe, dialect=Origin(origin, version))


def _certified(subject: Subject, origin: str, backend: Backend, port: Port) -> CertifiedPort:
    certificate = port.certificate
    run = certificate.checked_by == "framework"
    document = msgspec.to_builtins(subject.recipe.to_dict())
    of = (subject.id, origin, backend.name, document)
    return CertifiedPort(*of, port.source, port.style, port.reason, certificate.text, run)
