"""Sky, water, ground and what grows."""
