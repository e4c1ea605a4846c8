"""Page for exporting and importing data packages."""
