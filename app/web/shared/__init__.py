"""What both wings stand on: forms, headers, errors and formats."""
