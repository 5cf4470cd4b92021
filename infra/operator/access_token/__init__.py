"""Explain an access token: which family of WorkOS tokens it is, which rule refuses it, and what to change."""
