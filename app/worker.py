"""The Lambda entry point of the function `Worker`, in which background tools run: `app.worker.handler`."""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.runtime.lean import lean_imports

logging.getLogger().setLevel(logging.WARNING)  # as in app/handler.py

with lean_imports():
    from aws_durable_execution_sdk_python import DurableContext, durable_execution

    from app import tools as own_tools
    from app.access.declaration import declare
    from app.access.lookups import Lookups
    from app.access.requirements import anyone
    from app.application import Packages, create_workos, find_secret_sources, list_packages
    from app.authoring import Identity
    from app.identity import IDENTITY
    from app.protocol.catalogue.catalogue import collect_tools
    from app.protocol.catalogue.definition import ToolDefinition
    from app.protocol.serving.guard import Guard, KindGuard
    from app.protocol.serving.prepare import prepare_function
    from app.protocol.tasks.names import CHECK
    from app.protocol.tasks.outcomes import Outcome
    from app.protocol.tasks.running import Environment, Runner
    from app.protocol.tasks.stopping import Pause
    from app.runtime import logs
    from app.runtime.durable import DurableEngine, check_boto3
    from app.runtime.secrets import FetchParameters, ServerSecrets, fetch_parameters
    from app.runtime.team_secrets import TeamSecrets
    from app.settings import Settings
    from app.shared.settings import TeamSettings

if TYPE_CHECKING:
    import httpx2

Handler = Callable[[Any, Any], Any]


def create_worker(
    settings: Settings,
    *,
    identity: Identity = IDENTITY,
    tools: Packages = own_tools,
    fetch_parameters: FetchParameters = fetch_parameters,
    variables: Mapping[str, str] = os.environ,
    clock: Callable[[], float] = time.time,
    workos_transport: "httpx2.AsyncBaseTransport | None" = None,
    provider_transport: "httpx2.AsyncBaseTransport | None" = None,
    client: Any = None,
    pause: Pause = asyncio.sleep,
) -> Handler:
    """A handler for durable executions, which runs the background tools among `tools`.

    `client` is boto3's client for Lambda; without one, it is made from the environment. `pause` waits so many
    seconds until the worker looks whether its work was cancelled.

    Raises:
        CatalogueError: for a file in one of the folders that cannot be served.
        OutdatedBoto3: the boto3 of this Python cannot write checkpoints.
    """
    import boto3  # the SDK has imported it already

    check_boto3(boto3.__version__)
    logs.configure()
    secrets = ServerSecrets(find_secret_sources(settings), fetch_parameters, clock)
    team_secrets = TeamSecrets(settings.team_secrets_path, fetch_parameters, clock, variables)
    definitions = collect_tools(*list_packages("tools", tools, settings))
    guard = KindGuard(Guard(settings.required_scopes, clock))
    functions = {
        each.name: prepare_function("tool", _open(each), guard) for each in definitions if each.metadata.background
    }

    def make_environment() -> Environment:
        workos = create_workos(settings, secrets, clock, workos_transport, provider_transport)
        return Environment(workos, Lookups(workos.client, clock), team_secrets)

    # The worker begins no work, so it needs no name of a function.
    engine = DurableEngine("", None if client is None else lambda: client)
    namespace = settings.metrics_namespace or identity.name
    runner = Runner(functions, make_environment, namespace, clock, engine.is_over, pause)

    def run(payload: Any, context: DurableContext) -> Outcome:
        return {CHECK: True} if CHECK in payload else runner.run(payload, context)

    run_durably = durable_execution(run, boto3_client=client)

    def handler(event: Any, context: Any) -> Any:
        """Run one part of an execution, up to its next sleep, its next question or its end."""
        logs.identify({"request_id": getattr(context, "aws_request_id", None)})
        return run_durably(event, context)

    return handler


def _open(definition: ToolDefinition) -> ToolDefinition:
    """The same without an access rule, which was decided before the work began."""
    return replace(definition, metadata=replace(definition.metadata, access=declare(anyone())))


logs.name_service(IDENTITY.name)
handler = create_worker(Settings.from_environment(team=TeamSettings))
