"""Modules shared by all areas: forms, headers, errors and formats."""
