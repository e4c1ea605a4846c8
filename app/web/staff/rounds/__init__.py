"""Pages of rounds: planning, opening, e-mails, slips, closing, counting and release."""
