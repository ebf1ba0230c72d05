"""The four services; they share nothing but events."""
