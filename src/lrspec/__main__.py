"""`python -m lrspec`: the command line."""

from lrspec.cli import main

main()
