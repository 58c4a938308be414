"""`python -m perdure` is the command line."""

from ._cli import main

main()
