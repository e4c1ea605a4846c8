"""Disclosure control: what may be published about which set of people."""
