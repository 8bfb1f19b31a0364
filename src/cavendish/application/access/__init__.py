"""Who may come in, and what people do with accounts, keys and credits."""
