"""The local stack: stand-ins for AuthKit and API Gateway, on loopback alone. Never shipped."""
