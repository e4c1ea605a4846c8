"""Service layer: use-case functions; callers own the transaction and pass the time."""
