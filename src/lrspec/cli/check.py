"""`lrspec check`: one screen on a recipe or a scheduler, from the user's own environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from lrspec.check.examination import check
from lrspec.check.result import Check, Examined, explained
from lrspec.cli import options
from lrspec.cli.target import METAVAR
from lrspec.cli.terminal import BAD, CAUTION, GOOD, curved, signed, terminal_width, wrapped
from lrspec.dialect.curve import curve_of
from lrspec.engine.closed_form import at
from lrspec.engine.horizon import end_of
from lrspec.engine.landmarks import described_landmarks, end_is_known
from lrspec.importers.user_file import is_in_file
from lrspec.report import text_plot
from lrspec.scenario.builders import LONGEST
from lrspec.spec import about
from lrspec.verdict.compare import number
from lrspec.verdict.results import Finding

_ROWS = 4
_SHOWN = 6  # landmarks


@click.command("check", short_help="Check a recipe, or a scheduler, in the installed frameworks.")
@click.argument("target", metavar=METAVAR)
@click.option("--steps", type=click.IntRange(1, 10**7), metavar="N", help="Length of the run.")
@options.python
def command(target: str, steps: int | None, pythons: dict[str, str]) -> int:
    """Check a recipe, or the scheduler of a training script, in the installed frameworks.

    One screen shows the curve over the run, what happens when, whether the framework does what is
    specified, whether saving and loading is safe, and what the training loop has to do. FILE.py is
    imported in the framework's interpreter, and EXPRESSION is evaluated in it.

    Exit status: 0 everything that was run conforms; 1 something departs, or nothing could be run.
    """
    checked = check(target, steps, pythons)
    if checked.passed and options.is_quiet():
        return 0
    width = terminal_width()
    for line in _screen(checked, width):
        click.echo(line)
    return 0 if checked.passed else 1


def _screen(checked: Check, width: int) -> Iterator[str]:
    yield from _curve(checked, width)
    yield ""
    for framework in checked.frameworks:
        if framework.version is not None:
            yield from _framework(checked, framework, width)
    yield from _copied(checked, width)
    if not checked.copied and not any(framework.verified for framework in checked.frameworks):
        yield from signed("✗", f"Nothing was run: {_missing(checked)}.", width, BAD)
    absent = [framework for framework in checked.frameworks if framework.version is None]
    if is_in_file(checked.target):
        for framework in absent:
            yield from _unrun(framework, width)
    elif absent:
        outcomes = "; ".join(map(_predicted, absent))
        part = f" for the first {LONGEST:,} updates" if checked.length.steps > LONGEST else ""
        text = f"Not installed, and predicted{part}: {outcomes}."
        yield from signed("-", text, width, dim=True)
    yield ""
    yield from _loop(checked, width)


def _missing(checked: Check) -> str:
    if any(framework.version is not None for framework in checked.frameworks):
        return "no class here has this schedule"
    if is_in_file(checked.target):
        return "; ".join(framework.absent for framework in checked.frameworks)
    return "no framework is installed in this environment; --python NAME=PATH names another one"


def _unrun(framework: Examined, width: int) -> Iterator[str]:
    """Yield what is predicted of a scheduler whose file was read without running it."""
    plain, name = framework.plain, framework.backend.pins[0].replace("==", " ")
    head = f"Read without running it, and predicted for {name}:"
    if plain is None:
        yield from signed("-", f"{head} no class for this.", width)
    elif plain.verdict == "departs":
        yield from _departure(f"{head} not the specified rates.", plain, width, "!", CAUTION)
    else:
        yield from signed("-", f"{head} the specified rates.", width)


def _curve(checked: Check, width: int) -> Iterator[str]:
    recipe, steps = checked.recipe, checked.length.steps
    yield from signed("", about.title(recipe.about, recipe.kind), width, head=checked.target)
    yield ""
    marks = described_landmarks(recipe, steps)
    curve = curve_of(recipe.specified, steps)
    for line in text_plot.lines(curve, width - 12, _ROWS, marks):
        yield "  " + curved(line)
    yield ""
    rows = [(0, "first update"), *marks.items()]
    if len(rows) > _SHOWN + 1:
        left_out = len(rows) - _SHOWN
        rows = [*rows[: _SHOWN - 1], rows[-1]]
        words = f"{rows[-1][1]} ({left_out:,} more steps like these lie between)"
        rows[-1] = (rows[-1][0], words)
    rates = at(recipe, [step for step, _ in rows])[:, 0]
    widest = max(len(f"{step:,}") for step, _ in rows)
    for (step, words), rate in zip(rows, rates, strict=True):
        after = " (after the last update)" if step == steps else ""
        head = f"  step {step:>{widest},}  {number(rate):<11}"
        yield from wrapped(f"{head} {words}{after}", width, " " * (len(head) + 1))


def _framework(checked: Check, framework: Examined, width: int) -> Iterator[str]:
    name = f"{framework.backend.title} {framework.version}"
    plain = framework.plain
    port = f"`lrspec port {checked.target} --to {framework.backend.name}`"
    if plain is None:
        sentence = f"{name} has no class for this: {framework.unsupported}."
        yield from signed("-", f"{sentence} {port} writes a function.", width)
        return
    if plain.verdict == "conforms":
        yield from signed(
            "✓", f"{name} uses the specified rates, {_agreement(plain)}.", width, GOOD
        )
        if plain.explanation and plain.difference != "drift":
            yield from signed("!", plain.explanation, width, CAUTION)
    else:
        yield from _departure(f"{name} does not use the specified rates.", plain, width)
        if not is_in_file(checked.target):
            yield from signed(" ", f"{port} writes source that does.", width)
    yield from _saving(framework, width)


def _agreement(finding: Finding) -> str:
    size = "exactly"
    if finding.difference != "exact" and finding.max_rel_error is not None:
        drifts = "drifting by" if finding.difference == "drift" else "except for rounding of"
        size = f"{drifts} at most {finding.max_rel_error:.1g} of the peak"
    scenario = finding.run.scenario
    steps = f"{finding.updates:,} updates"
    if scenario.sampled:
        steps = (
            f"{scenario.step:,} updates, {finding.updates:,} of them recorded: evenly, around the "
            "landmarks and at the end"
        )
    return f"{size} ({steps})"


def _departure(
    head: str, finding: Finding, width: int, sign: str = "✗", color: int = BAD
) -> Iterator[str]:
    parts = explained(finding)
    yield from signed(sign, f"{head} {parts.what}", width, color)
    for name, text in (("Why:", parts.why), ("Instead:", parts.instead)):
        if text:
            yield from signed(" ", text, width, head=name)


def _saving(framework: Examined, width: int) -> Iterator[str]:
    failed = [finding for finding in framework.resumed if finding.verdict != "conforms"]
    if failed:
        yield from _departure("Saving and loading is not safe.", failed[0], width)
        return
    if not framework.resumed:
        return
    steps = _and([f"{finding.run.scenario.step:,}" for finding in framework.resumed])
    order = ", in this order: " if framework.orders else "."
    sentence = f"Saving and loading is safe at steps {steps}{order}{' '.join(framework.orders)}"
    yield from signed("✓", sentence, width, GOOD)


def _copied(checked: Check, width: int) -> Iterator[str]:
    verified = any(framework.verified for framework in checked.frameworks)
    if checked.copied and not verified and not checked.departs:
        what = f"The scheduler's next {checked.copied:,} rates are those of the recipe"
        yield from signed("✓", f"{what}; a copy of it was stepped.", width, GOOD)
    for note in checked.notes:
        sign, color = (
            ("✗", BAD) if checked.departs and note == checked.notes[-1] else ("!", CAUTION)
        )
        yield from signed(sign, note, width, color)


def _predicted(framework: Examined) -> str:
    title, plain = framework.backend.title, framework.plain
    if plain is None:
        return f"{title} has no class for this"
    if plain.verdict == "conforms":
        return f"{title} conforms"
    step = "" if plain.first_step is None else f" from step {plain.first_step:,}"
    return f"{title} departs{step}"


def _loop(checked: Check, width: int) -> Iterator[str]:
    length = checked.length
    known = f"{length.stated:,} updates ({length.source})"
    if not length.is_known:
        end = end_of(checked.recipe)
        until = "has no end" if end is None else f"ends at step {end.step:,}; then {end.words}"
        known = f"length unknown, give it with --steps N; the schedule {until}"
    yield from signed(
        " ", f"{click.style('The run:', bold=True)} {known}. {length.uncovered}", width
    )
    if not length.is_known and not end_is_known(checked.recipe):
        unknown = f"The formula's end is not known: compared up to step {length.steps - 1:,}."
        yield from signed("!", unknown, width, CAUTION)
    for warning in checked.warnings:
        yield from signed("!", f"{warning[:1].upper()}{warning[1:]}.", width, CAUTION)
    for trap in checked.traps:
        where = f" (line {trap.line})" if trap.line else ""
        sign, color = ("!", CAUTION) if trap.line else ("?", None)
        yield from signed(sign, f"{trap.name}{where}: {trap.advice}.", width, color, dim=not color)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
