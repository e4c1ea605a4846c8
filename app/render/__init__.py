"""Values made visible: charts, tables, sheets, documents, slips and letters."""
