"""Numbers for small groups: every function with formula, source, units and a worked example."""
