"""The command line: one module per command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `lrspec` with the arguments of this process, and exit."""
    try:
        import click  # noqa: PLC0415, F401 - an extra
    except ModuleNotFoundError:
        sys.exit("lrspec: the command line needs an extra: python -m pip install 'lrspec[cli]'")
    from lrspec.cli.app import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))
