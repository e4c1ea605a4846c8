"""Read-only API for other programs, and the public catalogue."""
