"""Pages of the people who sign in and their roles."""
