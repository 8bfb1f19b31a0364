"""The service's own REST interface, one file a subject."""
