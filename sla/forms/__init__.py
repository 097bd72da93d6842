"""The input boundary of the screens."""
