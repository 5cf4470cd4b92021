"""What an operator runs against a deployment: doctor, smoke, provision, secrets (see operator.mk)."""
