"""Signed requests out and in, and a way to the outside that leads to no private address."""
