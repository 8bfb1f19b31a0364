"""What the operating system runs: the supervisor and its children."""
