"""Who manages each building and by what right; what residents petition for."""
