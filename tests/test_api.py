"""The public functions of `import lrspec`."""

from __future__ import annotations

import doctest

import lrspec
import lrspec.api
import lrspec.loaded


def test_the_examples_of_the_docstrings_run():
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for module in (lrspec.api, lrspec.loaded):
        result = doctest.testmod(module, optionflags=options)
        assert result.attempted > 2
        assert result.failed == 0


def test_port_is_a_function_before_and_after_it_is_called():
    schedule = lrspec.load("one-sentence")
    sources = [lrspec.port(schedule, to="numpy").source for _ in range(2)]
    assert sources[0] == sources[1]


def test_a_port_is_of_the_public_type():
    ported = lrspec.port(lrspec.load("one-sentence"), to="numpy")
    assert isinstance(ported, lrspec.Port)
    assert isinstance(ported.certificate, lrspec.Certificate)


def test_a_flat_list_is_compared_as_a_trace_of_one_group():
    schedule = lrspec.load({"schedule": "exponential", "base_lr": 1.0, "gamma": 0.5})
    assert lrspec.compare(schedule, [1.0, 0.5, 0.25]).kind == "exact"
    assert lrspec.compare(schedule, [1.0, 0.5, 0.3]).first == 2
