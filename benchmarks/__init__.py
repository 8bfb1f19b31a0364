"""Speed and memory of a real Cavendish, against a floor measured in the same run: `python -m benchmarks`."""
