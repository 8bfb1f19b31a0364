"""Cavendish: your own Nano Banana 2 API."""

__version__ = "0.1.0"
