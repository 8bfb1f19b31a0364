"""Surfaces, shapes, colours and letters: what everything is drawn with."""
