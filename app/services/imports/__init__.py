"""Answers gathered elsewhere: read, checked as a whole, counted, published, and not kept."""
