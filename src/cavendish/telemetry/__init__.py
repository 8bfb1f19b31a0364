"""Logs and metrics: what an operator wants to count. Never a key, a prompt or a picture."""
