"""One function for each verb; none commits, none reads a clock."""
