"""A history that never was: who failed when, of what, and how it went. Pure, and the same for the same seed."""
