"""Every original that departs from the specification is ported with the rates that it has.

The original is a case of the suite in framework A; its port to B runs in B, and follows A's run at
every update, departures and errors included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from lrspec.bindings.backend import backend_of, frameworks
from lrspec.dialect.rates import steps_of
from lrspec.errors import BadInput, Unsupported
from lrspec.port.certificate import MAX_ULP
from lrspec.port.port import ports
from lrspec.port.result import Port
from lrspec.spec.origin import Origin
from lrspec.suite.cases import Case, cases
from lrspec.suite.departing import departing

FRAMEWORKS = tuple(frameworks())
BOUND = 1e-12  # of the peak
#: The id of a case with its framework A, and the framework B that it is ported to.
Key = tuple[str, str]
Ported = Mapping[Key, Port | Unsupported]


def departing_in(framework: str) -> Iterator[Case]:
    """Yield each case that departs in *framework* and is not rejected there, with its dialect."""
    version = backend_of(framework).pins[0].partition("==")[2]
    for case in cases():
        recipe = replace(case.recipe, dialect=Origin(framework, version))
        original = replace(case, id=f"{case.id} in {framework}", recipe=recipe)
        try:
            if departing(recipe) and steps_of(recipe, [0]):
                yield original
        except BadInput:  # no class, a rejection, or no finite rate in the specification
            continue


@pytest.fixture(scope="session")
def ported(request: pytest.FixtureRequest) -> Ported:
    """The port of every departing original to every framework."""
    originals = [case for name in FRAMEWORKS for case in departing_in(name)]
    wanted = [(case, backend_of(name)) for case in originals for name in FRAMEWORKS]
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        results = ports(wanted, brief=True, ulp=MAX_ULP)
    keys = [(case.id, backend.name) for case, backend in wanted]
    return dict(zip(keys, results, strict=True))


@pytest.mark.parametrize("away", FRAMEWORKS)
@pytest.mark.parametrize("home", FRAMEWORKS)
def test_a_port_follows_the_run_of_the_original(home: str, away: str, ported: Ported):
    of_route = {
        c: p for (c, name), p in ported.items() if name == away and c.endswith(f" in {home}")
    }
    wrong = {case: text for case, port in of_route.items() if (text := _wrong(port))}
    assert wrong == {}
    assert of_route


def _wrong(port: Port | Unsupported) -> str:
    """Return what is wrong with *port*, "" if nothing is."""
    if isinstance(port, Unsupported):
        return str(port)
    certificate = port.certificate
    follows = not certificate.diverges and certificate.checked_by == "framework"
    if (
        follows
        and (certificate.max_rel_error or 0.0) <= BOUND
        and " as it ran in " in certificate.text
    ):
        return ""
    return certificate.text


def test_both_styles_and_both_kinds_of_standalone_source_occur(ported: Ported):
    """Where a rate depends on the one before, the source is a class with `after`."""
    sources = [port.source for port in ported.values() if isinstance(port, Port)]
    sources = [source for source in sources if "step(metric)" not in source]
    kinds = Counter(
        "recurrence" if "def after(" in s else "closed form" if "t: int" in s else "native"
        for s in sources
    )
    assert set(kinds) == {"native", "closed form", "recurrence"}


@pytest.mark.parametrize("away", FRAMEWORKS)
def test_a_departing_plateau_of_paddle_is_native_in_paddle_alone(away: str, ported: Ported):
    """They depart also without a cooldown, by a NaN as the first best metric."""
    styles = {
        case: getattr(port, "style", port)
        for (case, name), port in ported.items()
        if name == away and case.startswith("reduce_on_plateau/") and case.endswith(" in paddle")
    }
    style = "native" if away == "paddle" else "standalone"
    assert {case: other for case, other in styles.items() if other != style} == {}
    assert styles
