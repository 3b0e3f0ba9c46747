"""`lrspec port`: a recipe as a framework's source, with its certificate."""

from __future__ import annotations

import click

from lrspec.cli import options
from lrspec.codegen.plain_function import NUMPY
from lrspec.engine.units import in_epochs
from lrspec.errors import BadInput
from lrspec.port.port import port
from lrspec.spec import recipe
from lrspec.spec.recipe import Recipe


@click.command("port")
@click.argument("source", metavar="RECIPE")
@click.option(
    "--to",
    "backend",
    required=True,
    metavar="BACKEND",
    help="A backend that `lrspec doctor` lists, or numpy for a plain function.",
)
@options.run
@click.option(
    "--standalone", is_flag=True, help="Write the schedule as a function, without native classes."
)
@click.option(
    "--ulp",
    type=click.FloatRange(0),
    metavar="N",
    help="Use native classes only if they are within N units in the last place.",
)
@options.python
@click.option("--json", "as_json", is_flag=True, help="Print the source and certificate as JSON.")
def command(
    source: str,
    backend: str,
    updates: int | None,
    updates_per_epoch: int | None,
    standalone: bool,  # noqa: FBT001
    ulp: float | None,
    pythons: dict[str, str],
    as_json: bool,  # noqa: FBT001
) -> int:
    """Write RECIPE as source for a framework, and run it there.

    The source is printed on standard output, its certificate on standard error.

    With --updates-per-epoch, the scheduler is to be stepped once per epoch, unless the rate changes
    inside one.
    """
    loaded = recipe.load(source)
    options.warn(loaded, updates, updates_per_epoch)
    if updates_per_epoch is not None and backend != NUMPY:
        loaded = _in_epochs(loaded, updates_per_epoch)
    ported = port(loaded, backend, pythons, standalone=standalone, ulp=ulp)
    if as_json:
        options.print_json(ported.to_dict())
    else:
        click.echo(ported.source, nl=False)
        click.echo(ported.certificate.text, err=True)
    return 1 if ported.certificate.diverges else 0


def _in_epochs(loaded: Recipe, updates_per_epoch: int) -> Recipe:
    """Return *loaded* in epochs, or with a warning as it is if it changes inside an epoch."""
    try:
        return in_epochs(loaded, updates_per_epoch)
    except BadInput as error:
        change = f"the rate changes inside an epoch ({error.found})"
        options.print_warning(f"{change}: step this scheduler after every update")
        return loaded
