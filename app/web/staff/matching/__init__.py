"""Pages that match results to courses: lists, weights and the dossier for funding."""
