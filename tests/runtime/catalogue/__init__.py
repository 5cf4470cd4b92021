"""Tools that try the runtime's limits."""
