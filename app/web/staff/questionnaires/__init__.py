"""Pages of questionnaires: previews, uploads and item texts of published keys."""
