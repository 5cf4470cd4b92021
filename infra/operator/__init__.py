"""The operator's commands for a deployment: doctor, smoke, provision and secrets (see operator.mk)."""
