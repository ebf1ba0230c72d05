"""Who must be told of what, and whether they have been."""
