"""Pages of survey rounds: planning, opening, letters, slips, closing, counting and release."""
