"""Pages of the follow-up: meetings, votes, plans, reviews, escalated issues and networking."""
