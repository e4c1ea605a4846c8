"""Answers collected elsewhere: read, validate, count and publish; answers are not stored."""
