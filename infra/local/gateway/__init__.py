"""The API Gateway stand-in.

It turns HTTP into a Lambda event for the function's process, and the result into HTTP.
"""

from infra.local.gateway.function import AfterStart
from infra.local.gateway.limits import Limits
from infra.local.gateway.server import Gateway, create_gateway

__all__ = ["AfterStart", "Gateway", "Limits", "create_gateway"]
