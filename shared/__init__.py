"""What the services share: the contracts of the facts, and the plumbing that carries them."""
