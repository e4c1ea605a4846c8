"""Scheduled tasks and background workers."""
