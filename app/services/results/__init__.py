"""Reports, charts and files of a round, from frozen publications only."""
