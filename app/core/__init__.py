"""Pure values and rules: no clock, no chance, no file, no framework."""
