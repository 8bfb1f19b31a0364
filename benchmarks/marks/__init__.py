"""What the invisible mark survives, and what is found where there is none."""
