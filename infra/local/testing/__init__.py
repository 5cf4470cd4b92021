"""What answers `app.authoring.testing.client`: the function, AuthKit's keys and WorkOS, all in this process."""
