"""Tables that people hand in: cells, rows, headers, identifiers, and what can be wrong with them."""
