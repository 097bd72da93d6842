"""Words of the wing: what its codes say to a reader."""
