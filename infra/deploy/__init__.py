"""From this checkout to a running stack: the artefact, the deployment, its end."""
