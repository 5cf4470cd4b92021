"""The local stack: stand-ins for AuthKit, the WorkOS API and API Gateway, on loopback only.

It is never deployed.
"""
