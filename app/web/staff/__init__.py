"""Staff area: pages after sign-in, one package for each feature."""
