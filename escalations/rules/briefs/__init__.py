"""Briefs of cases: what is put into one, what of it each reader is given, and what changed since the last. Pure."""
