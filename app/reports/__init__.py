"""Reports: view models, sentences, tables and chart data from publications."""
