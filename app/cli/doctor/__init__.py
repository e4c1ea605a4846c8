"""The doctor: looks at an installation and says in plain words what to do."""
