"""The requirements, a module for each family."""
