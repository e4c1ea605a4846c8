"""Pages of communities, municipalities and their contacts for support."""
