"""The read-only interface for other programs."""
