"""JSON Schemas of parameters and results, and values that fit them."""
