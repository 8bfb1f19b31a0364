"""The one way out: all outbound HTTP goes through here (a test keeps it so), by one of two kinds of client."""
