"""Pages that import files: tables, answers gathered elsewhere and LimeSurvey structures."""
