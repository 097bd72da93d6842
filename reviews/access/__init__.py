"""Fetch and authorise in one call. What is out of sight raises Http404."""
