"""Cryptography: codes, sealed boxes, round keys, passwords and tokens."""
