"""What cases are drawn as, on pages and on paper."""
