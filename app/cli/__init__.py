"""The same verbs from the command line."""
