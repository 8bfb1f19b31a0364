"""The pages that people open, as files, and the routes that serve them."""
