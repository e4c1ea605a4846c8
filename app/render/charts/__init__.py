"""Charts as SVG. No chart reads a publication or a database."""
