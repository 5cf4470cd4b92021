"""The people and organisations of the local AuthKit and WorkOS API, read from `infra/local/seed.toml`."""
