"""Reports: view models, sentences, tables and chart data made from frozen publications."""
