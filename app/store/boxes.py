"""Boxes of sealed ballots: one blob for each community and round."""
