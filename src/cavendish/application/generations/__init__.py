"""A generation as its caller sees it: taken, looked at, waited for."""
