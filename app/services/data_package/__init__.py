"""Data packages: export of an installation as one ZIP file in open formats, and its import.

An import is one transaction: all parts or nothing. A check runs the same import in a session that is rolled back.
"""
