"""Pages of the course catalogue: search, edit, import and export."""
