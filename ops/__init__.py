"""The `chungcu` command: it finds or starts what the system needs, runs it, looks at it, and puts it away."""
