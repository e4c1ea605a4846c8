"""Pages of follow-up: meetings, votes, plans, reviews, matters passed on to the municipality, and networking."""
