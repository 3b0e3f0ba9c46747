"""Numbers and differences in the words of the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any

from lrspec.dialect.dialect import departures
from lrspec.engine.rules import rule
from lrspec.report.answers import Bite
from lrspec.report.sides import SITUATIONS
from lrspec.scenario.declaration import declared

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")


def percent(size: float | None) -> str:
    """Return a size relative to the peak in percent, to three digits."""
    if size is None:
        return ""
    text = f"{100 * size:.3g}"
    return f"{float(text):,.0f} %" if "e+" in text else f"{text} %"


def first_sentence(text: str) -> str:
    """Return the first sentence of *text*; of a rejection, the second."""
    sentences = _SENTENCE.split(text)
    rejection = sentences[0].startswith("Rejected") and len(sentences) > 1
    return sentences[1] if rejection else sentences[0]


def cause_of(bite: Bite) -> str:
    """Return a sentence that says why the sides differ."""
    if bite.causes:
        return first_sentence(departures()[bite.causes[0]].cause)
    if bite.situation == "defaults":
        return f"{', '.join(bite.arguments) or 'An argument'} has another default."
    return "The rates differ."


def size_of(bite: Bite) -> str:
    """Return the first step and the size of *bite*."""
    step = f"update {bite.first:,g}" if bite.first == int(bite.first) else f"step {bite.first:g}"
    if bite.size is None:
        return f"raises before {step}: {bite.error.rstrip('.')}" if bite.error else f"from {step}"
    ends = f"; then raises {bite.error}" if bite.error else ""
    return f"from {step}, up to {percent(bite.size)} of the peak{ends}"


def situation_of(bite: Bite) -> str:
    """Return when *bite* occurs, in words."""
    return SITUATIONS.get(bite.situation, "arguments left out")


def bite_text(bite: Bite) -> str:
    """Return *bite* in one line."""
    return f"{situation_of(bite)}: {size_of(bite)}. {cause_of(bite)}"


def rate(value: Any) -> str:
    """Return a rate in enough digits to tell it from any other."""
    return "—" if value is None else repr(float(value)) if isinstance(value, float) else str(value)


def digits(actual: Any, expected: Any) -> tuple[str, str]:
    """Return *actual* as text, split before the first digit that differs from *expected*."""
    a, b = rate(actual), rate(expected)
    if a == b:
        return a, ""
    alike = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False))))
    alike = min(alike, len(a) - 1)
    return a[:alike], a[alike:]


def rule_text(name: str) -> str:
    """Return the text of a rule, or what a scenario expects."""
    scenario = name.partition(" ")[0]
    if scenario in declared():
        return f"the expectation of the scenario {scenario}"
    return rule(name).text.removesuffix(".")


#: The filters of the templates.
FILTERS: Mapping[str, Callable[..., Any]] = {
    "percent": percent,
    "sentence": first_sentence,
    "cause": cause_of,
    "size": size_of,
    "situation": situation_of,
    "rate": rate,
    "digits": digits,
    "rule_text": rule_text,
}
