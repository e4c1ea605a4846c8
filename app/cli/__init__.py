"""Command line interface: `flask` commands for the use cases of the services."""
