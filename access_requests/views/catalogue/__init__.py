"""Pages of the catalogue: what there is to hold, who decides about it, who carries it out."""
