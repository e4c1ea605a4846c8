"""The pages: two wings that do not know each other, and what both stand on."""
