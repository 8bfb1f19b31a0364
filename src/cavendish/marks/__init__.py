"""What a picture says of itself, so that a machine can read it: a signed manifest, XMP, and a mark in its pixels.

Pixels and files of others are read in child processes only; the parents' side is `marker` and `examiner`.
"""
