"""The servers that are measured beside this one; each is copied into a package with what it imports."""
