"""An invisible mark in the pixels that carries a number."""
