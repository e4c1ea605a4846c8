"""Pictures of results: values in, one SVG text out. No chart reads a publication or a database."""
