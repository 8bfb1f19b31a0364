"""A generation as a worker sees it: claimed, attempted, settled."""
