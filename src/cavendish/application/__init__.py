"""Use cases: each is one transaction, or a sequence of them that may be stopped at any point."""
