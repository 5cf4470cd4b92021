"""The servers that the project runs the suite against, each on a port of its own, each told of one issuer."""
