"""`python -m backend.cli`: the `stemme` command where it is not installed."""

from backend.cli.group import main

main(prog_name="stemme")
