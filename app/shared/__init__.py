"""YOURS: code that your tools, prompts and resources share, the settings they read, and the `extend` hook."""
