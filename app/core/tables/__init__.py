"""Uploaded tables: cells, rows, headers, identifiers, and their errors."""
