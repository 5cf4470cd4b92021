"""Explain an access token: its family of WorkOS tokens, the rule that refuses it, and what to change."""
