"""The demo: a plainly fictional region, and what is in it."""
