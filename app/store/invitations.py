"""The right to answer once: digests of codes, and whether they were spent."""
