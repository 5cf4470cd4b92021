"""A resource server that does everything right, or all but one thing: the proof that a check can fail."""
