"""Pages of matching: course lists, weights and the dossier for funding."""
