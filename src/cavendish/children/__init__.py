"""Killable child processes, for work on bytes that nobody vouches for and for drawing."""
