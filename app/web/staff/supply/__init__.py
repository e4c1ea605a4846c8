"""Pages of supply planning: which courses to hold next term."""
