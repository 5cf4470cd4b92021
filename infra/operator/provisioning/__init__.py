"""The steps of `make provision`, one file for each subject. `plan.py` runs them."""
