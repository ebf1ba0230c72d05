"""What others would do instead, written as their own documentation says: each a program of its own."""
