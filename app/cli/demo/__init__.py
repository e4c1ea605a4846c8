"""Demo data: a fictional region with communities, staff, surveys and follow-ups."""
