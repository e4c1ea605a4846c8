"""Pages that import files: tables, answers collected elsewhere, and LimeSurvey structures."""
