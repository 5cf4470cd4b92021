"""Questions to the user in the middle of a call, and the sealed state that leads back to it."""
