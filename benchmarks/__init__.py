"""The figures we publish, each measured in one run with its rival or its limit beside it."""
