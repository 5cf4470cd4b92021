"""A local stand-in for the part of the WorkOS REST API that tools need. It is never deployed."""

from infra.local.workos_api.application import create_workos_api

__all__ = ["create_workos_api"]
