"""Secrets: codes, sealed boxes and round keys."""
