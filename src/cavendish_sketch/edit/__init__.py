"""Instructions that change a picture which is there already."""
