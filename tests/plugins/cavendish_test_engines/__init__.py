"""Engines for tests and benchmarks, found by the entry-point group, as anybody's would be."""
