"""What the folders of tools, prompts and resources offer, collected at start."""
