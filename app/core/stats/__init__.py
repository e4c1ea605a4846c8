"""Statistics for small groups: each function with formula, source, units and an example."""
