"""Real processes, killed at random under load; afterwards every promise is checked. `python -m tests.chaos --help`."""
