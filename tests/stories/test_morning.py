"""The morning digest over the whole world."""
