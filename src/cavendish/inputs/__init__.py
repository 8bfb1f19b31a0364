"""Callers' pictures: checked at submit by their URLs, fetched, read and decoded for the engine in a worker."""
