"""Pages about people: one's own profile, the way in, and the administrators' screens."""
