"""`python -m cavendish.cli`, the same as the command `cavendish`."""

from cavendish.cli import main

main()
