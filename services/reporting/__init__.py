"""What the numbers are, and why."""
