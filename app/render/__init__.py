"""Rendering: charts, tables, documents, slips and e-mails."""
