"""The wing of those who sign in."""
