"""The resources that the suite calls, by the names that it gives them."""
