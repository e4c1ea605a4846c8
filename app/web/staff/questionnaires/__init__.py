"""Pages of questionnaires: previews, uploads and sentences of published keys."""
