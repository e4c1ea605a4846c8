"""Web layer: respondent, staff and programming interface areas, and what they share."""
