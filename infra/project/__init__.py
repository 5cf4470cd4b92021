"""The name of a project that was made of this template."""
