"""Domain layer: values and rules without side effects; no clock, randomness, files or framework."""
