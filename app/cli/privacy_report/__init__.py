"""`flask trust report`: measure on this host whether the privacy promises hold."""
