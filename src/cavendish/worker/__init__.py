"""The worker process: takes jobs, runs engines, sweeps."""
