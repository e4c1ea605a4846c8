"""Web layer: the respondent area, the staff area, the API, and shared modules."""
