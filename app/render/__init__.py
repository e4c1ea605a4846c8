"""Rendering: charts, tables, documents, slips and letters."""
