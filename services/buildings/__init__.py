"""Which administrative units, residential groups and buildings there are, and where each belongs on each day."""
