"""Servers that stand for APIs on the internet: as strict as the real ones, and able to fail in every way."""
