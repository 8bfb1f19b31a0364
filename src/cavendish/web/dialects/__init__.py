"""Wire formats of the API, one module each. A module offers `routes() -> list[Operation]`."""
