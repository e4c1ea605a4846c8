"""A ballot as 256 bytes, and back."""
