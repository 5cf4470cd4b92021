"""Tools whose types make every kind of schema that clients stumble over, except those that the start warns of."""
