"""Pages of communities and municipalities, and their support contacts."""
