"""Tools whose types some clients cannot read, as the start warns."""
