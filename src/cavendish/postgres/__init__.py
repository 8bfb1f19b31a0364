"""The embedded PostgreSQL: its binaries, home, locks and server, apart from the pool that talks to it."""
