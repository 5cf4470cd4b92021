"""Builds the artefact, deploys it as a stack, and deletes the stack."""
