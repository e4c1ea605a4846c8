"""Matching of results to courses: needs, ranking, gaps, seats and effect."""
