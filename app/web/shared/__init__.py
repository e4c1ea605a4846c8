"""Shared by all areas: forms, headers, errors and formats."""
