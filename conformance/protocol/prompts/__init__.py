"""The prompts that the suite calls, by the names that it gives them."""
