"""Where values rest; rows never leave this floor."""
