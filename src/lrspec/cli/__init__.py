"""The command line: one small file a command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `lrspec`; bad input is one line on standard error and exit 2."""
    try:
        import click  # noqa: PLC0415, F401 - an extra, and its absence deserves a sentence
    except ModuleNotFoundError:
        sys.exit("lrspec: the command line needs its extra: python -m pip install 'lrspec[cli]'")
    from lrspec.cli.app import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))
