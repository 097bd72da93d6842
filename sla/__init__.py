"""Business time, policies and clocks: everything that has a deadline hangs here."""
