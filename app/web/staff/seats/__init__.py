"""Pages of seats in courses: requests of communities and their allocation."""
