"""The input boundary."""
