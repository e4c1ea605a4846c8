"""Pages of staff accounts and their roles."""
