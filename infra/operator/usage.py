"""Count what a stage used of AWS, from CloudWatch's metrics and from what the stage has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.operator.stage_aws import AwsRefused, StageAws
from infra.operator.work_usage import METRICS, WorkUsage

HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS
MAX_RESTORE_PAGES = 50
_RESTORED = '{ $.type = "platform.restoreReport" }'
"""Lambda's own line for a restore from a snapshot; it needs SystemLogLevel INFO, which template.yaml sets."""


@dataclass(frozen=True, slots=True)
class Function:
    """How the live version is set up."""

    memory_gb: float
    architecture: str
    has_snapshot: bool
    published_versions: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used in a period. None stands for what CloudWatch has no data of, which is not zero."""

    requests: float | None
    invocations: float | None
    duration_seconds: float | None
    log_bytes: float | None
    restores: int | None
    alarms: int
    metrics: int
    secrets: int | None
    function: Function
    work: WorkUsage | None = None
    """None where no tool works in the background."""

    @property
    def gb_seconds(self) -> float | None:
        """Lambda bills each call in whole milliseconds, so half of one is added for each."""
        if self.duration_seconds is None or self.invocations is None:
            return None
        return (self.duration_seconds + self.invocations * 0.0005) * self.function.memory_gb


def read_usage(aws: StageAws, outputs: Mapping[str, str], *, since: float, until: float) -> Usage:
    """Count the usage between two times, in seconds since 1970. `outputs` are those of the stack.

    Raises:
        AwsRefused: if AWS refuses or does not answer.
    """
    name = outputs["FunctionName"]
    worker = outputs.get("WorkerName", "")
    logs = [group for group in (outputs.get("LogGroup"), outputs.get("AccessLogGroup")) if group]
    logs += [f"/aws/lambda/{worker}"] if worker else []
    of_work = {id_: ("AWS/Lambda", metric, "FunctionName", worker) for id_, metric in METRICS.items()}
    sums = _read_sums(
        aws,
        {
            "requests": ("AWS/ApiGateway", "Count", "ApiId", outputs["ApiId"]),
            "invocations": ("AWS/Lambda", "Invocations", "FunctionName", name),
            "milliseconds": ("AWS/Lambda", "Duration", "FunctionName", name),
            **{
                f"log{place}": ("AWS/Logs", "IncomingBytes", "LogGroupName", group)
                for place, group in enumerate(logs)
            },
            **(of_work if worker else {}),
        },
        since,
        until,
    )
    written = [value for query, value in sums.items() if query.startswith("log") and value is not None]
    milliseconds = sums["milliseconds"]
    function = read_function(aws, name)
    deployment = aws.deployment
    return Usage(
        requests=sums["requests"],
        invocations=sums["invocations"],
        duration_seconds=None if milliseconds is None else milliseconds / 1000,
        log_bytes=sum(written) if written else None,
        restores=count_restores(aws, outputs["LogGroup"], since, until) if function.has_snapshot else 0,
        alarms=_count(aws, "cloudwatch", "describe_alarms", "MetricAlarms", AlarmNamePrefix=_prefix(aws)),
        metrics=_count(
            aws, "cloudwatch", "list_metrics", "Metrics", Namespace=f"{deployment.app_name}/{deployment.stage}"
        ),
        secrets=_count_secrets(aws, deployment.secrets_path),
        function=function,
        work=_read_work(aws, worker, sums) if worker else None,
    )


def _read_work(aws: StageAws, worker: str, sums: Mapping[str, float | None]) -> WorkUsage:
    live = aws.ask("lambda", "get_function_configuration", FunctionName=worker, Qualifier="live")
    return WorkUsage.read(live, sums)


def _prefix(aws: StageAws) -> str:
    return f"{aws.deployment.app_name}/{aws.deployment.stage}/"


def read_function(aws: StageAws, name: str) -> Function:
    """Read how the live version is set up, and how many versions are kept.

    Raises:
        AwsRefused: if AWS refuses or does not answer.
    """
    live = aws.ask("lambda", "get_function_configuration", FunctionName=name, Qualifier="live")
    pages = aws.pages("lambda", "list_versions_by_function", FunctionName=name)
    versions = [row for page in pages for row in page["Versions"] if row["Version"] != "$LATEST"]
    return Function(
        memory_gb=live.get("MemorySize", 128) / 1024,
        architecture=live.get("Architectures", ["x86_64"])[0],
        has_snapshot=live.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions",
        published_versions=len(versions),
    )


def _read_sums(
    aws: StageAws, metrics: Mapping[str, tuple[str, str, str, str]], since: float, until: float
) -> dict[str, float | None]:
    """The sum of each metric; None if CloudWatch has no data of it in that time."""
    queries = [_query(id_, *metric) for id_, metric in metrics.items()]
    sums: dict[str, float | None] = dict.fromkeys(metrics)
    pages = aws.pages(
        "cloudwatch",
        "get_metric_data",
        MetricDataQueries=queries,
        StartTime=datetime.fromtimestamp(since // HOUR_SECONDS * HOUR_SECONDS, UTC),
        EndTime=datetime.fromtimestamp(until, UTC),
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            if values := result.get("Values"):
                sums[result["Id"]] = (sums[result["Id"]] or 0.0) + sum(values)
    return sums


def _query(id_: str, namespace: str, metric: str, dimension: str, value: str) -> dict[str, Any]:
    # CloudWatch keeps hours for 455 days, and shorter periods for 63 at most.
    asked = {"Namespace": namespace, "MetricName": metric, "Dimensions": [{"Name": dimension, "Value": value}]}
    return {"Id": id_, "MetricStat": {"Metric": asked, "Period": HOUR_SECONDS, "Stat": "Sum"}}


def count_restores(aws: StageAws, group: str, since: float, until: float) -> int | None:
    """Count the restores in the log. CloudWatch has no metric of them; None if the log is too long to read."""
    pages = aws.pages(
        "logs",
        "filter_log_events",
        logGroupName=group,
        filterPattern=_RESTORED,
        startTime=int(since * 1000),
        endTime=int(until * 1000),
    )
    found = 0
    for number, page in enumerate(pages, 1):
        found += sum('"platform.restoreReport"' in event["message"] for event in page["events"])
        if number >= MAX_RESTORE_PAGES and page.get("nextToken"):
            return None
    return found


def _count(aws: StageAws, service: str, operation: str, key: str, **arguments: Any) -> int:
    return sum(len(page.get(key, [])) for page in aws.pages(service, operation, **arguments))


def _count_secrets(aws: StageAws, path: str) -> int | None:
    """Count the stage's parameters; None if the operator may not see their names."""
    filters: Sequence[Mapping[str, Any]] = [{"Key": "Path", "Option": "Recursive", "Values": [path]}]
    try:
        return _count(aws, "ssm", "describe_parameters", "Parameters", ParameterFilters=filters)
    except AwsRefused:
        return None
