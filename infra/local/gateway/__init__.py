"""The API Gateway stand-in: HTTP in, a Lambda event to the function's own process, HTTP out."""

from infra.local.gateway.limits import Limits
from infra.local.gateway.server import Gateway, create_gateway

__all__ = ["Gateway", "Limits", "create_gateway"]
