"""The procedure as data, and the pure rules over it. Standard library only; the files are read once."""
