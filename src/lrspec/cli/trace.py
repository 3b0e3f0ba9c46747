"""`lrspec trace`: the rates of a recipe, as specified or as a framework uses them."""

from __future__ import annotations

from dataclasses import replace

import click
import numpy as np

from lrspec.cli import options
from lrspec.cli.target import METAVAR, recipe_of
from lrspec.engine import closed_form, recursive_form
from lrspec.errors import BadInput, located
from lrspec.scenario.own_run import run_length
from lrspec.spec.recipe import Recipe

_LONGEST = 10**7  # steps that are printed unless more are asked for


@click.command("trace", short_help="Print the learning rate of each step.")
@click.argument("source", metavar=METAVAR)
@click.option(
    "--steps",
    type=click.IntRange(0, 10**8),
    metavar="N",
    help="Number of steps; by default --updates, or the recipe's own run.",
)
@options.run
@click.option(
    "--form",
    type=click.Choice(["closed", "recursive"]),
    default="closed",
    show_default=True,
    help="Compute each rate from the step, or from the rate before.",
)
@click.option(
    "--as",
    "framework",
    metavar="BACKEND[==VERSION]",
    help="Rates that this framework uses, without running it.",
)
@options.python
@click.option("--json", "as_json", is_flag=True, help="Print JSON: steps, lr, momentum.")
def command(
    source: str,
    steps: int | None,
    updates: int | None,
    updates_per_epoch: int | None,
    form: str,
    framework: str | None,
    pythons: dict[str, str],
    as_json: bool,  # noqa: FBT001
) -> int:
    """Print the learning rates of RECIPE, or of the scheduler of a file.

    A scheduler, and a recipe with a dialect, has the rates that its framework uses. There is a line
    per step and a column per parameter group. If the schedule also sets the momentum, the momentum
    follows in the same number of columns.
    """
    loaded = recipe_of(source, pythons)
    length = run_length(loaded, steps if steps is not None else updates, _LONGEST)
    count = length.steps
    error = ""
    with located(source):
        if framework is not None:
            loaded = _as_in(loaded, framework)
        if form == "recursive":
            if loaded.dialect is not None:
                raise BadInput("--form", form, f"closed: {loaded.dialect} has one form")
            rates = recursive_form.trace(loaded, count)
            momentum = closed_form.momentum(loaded, range(count))
        elif loaded.dialect is None:
            rates = closed_form.trace(loaded, count)
            momentum = closed_form.momentum(loaded, range(count))
        else:
            from lrspec.dialect.rates import steps_of  # noqa: PLC0415 - for a framework alone

            found = steps_of(loaded, range(count))
            rates, momentum, error = found.rates, found.momentum, found.error
    options.warn(loaded, updates, updates_per_epoch)
    if length.uncovered:
        options.print_warning(length.uncovered)
    if as_json:
        moved = {} if momentum is None else {"momentum": momentum.tolist()}
        document = {"schema_version": 1, "steps": len(rates), "lr": rates.tolist(), **moved}
        options.print_json(document, indent=None)
    else:
        columns = rates if momentum is None else np.hstack([rates, momentum])
        for step, row in enumerate(columns.tolist()):
            click.echo("\t".join([str(step), *map(repr, row)]))
    if error:
        click.echo(f"lrspec: step {len(rates)}: {loaded.dialect} raises {error}", err=True)
    return 1 if error else 0


def _as_in(recipe: Recipe, name: str) -> Recipe:
    """Return *recipe* with the rates of the framework *name*, with a warning if it is unknown."""
    from lrspec.suite.departing import target_of, version_warning  # noqa: PLC0415

    origin = target_of(name)
    warning = version_warning(origin)
    if warning:
        options.print_warning(warning)
    return replace(recipe, dialect=origin)
