"""Pages of results: communities, municipalities, the region, single questions, comments and the effect of courses."""
