"""Boxes: seal a ballot, put it in, shuffle, open at the count."""
