"""ministack: a local AWS that takes a real `sam deploy`, runs the function, and enforces its role."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx2
from botocore.config import Config

from infra.local.loopback import LoopbackServer
from tests.blocks import ROOT
from tests.deploy.durable_engine import DurableExecutions

_BIN = ROOT / ".venv-deploy" / "ministack" / "bin"
REGION = "us-east-1"
_FLAGS = {
    # It listens on every interface if it is not told otherwise, and again for IoT and SFTP.
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    # A process on this machine, not a container; and roles that are enforced.
    "LAMBDA_EXECUTOR": "local",
    "AUTH": "true",
}


@dataclass(frozen=True)
class LocalAws:
    port: int
    folder: Path
    work: DurableExecutions

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What points sam and boto3 here; nothing of this machine's own AWS configuration is read."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": str(self.folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "no-credentials"),
            "SAM_CLI_POLL_DELAY": "0.2",
        }

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            # An invocation of a worker may take so long.
            config=Config(read_timeout=900, proxies={}),
        )


@contextmanager
def local_aws(folder: Path) -> Iterator[LocalAws]:
    work = DurableExecutions(folder / "work", lambda: aws.client("lambda"))
    aws = LocalAws(_free_port(), folder, work)
    # Little of this environment: what is set here would be set in the function.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {**kept, **_FLAGS, "GATEWAY_PORT": str(aws.port), "TMPDIR": str(folder)}
    with LoopbackServer(work.app) as engine, (folder / "ministack.log").open("w") as log:
        command = [str(_BIN / "python"), str(Path(__file__).with_name("exact_ministack.py")), engine.url]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(aws, process)
            yield aws
        finally:
            process.terminate()
            process.wait(timeout=60)


def python_version() -> str:
    """Of the Python that runs the function: ministack's own, whatever `Runtime` says."""
    command = [str(_BIN / "python"), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(aws: LocalAws, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx2.get(f"{aws.url}/_ministack/health", trust_env=False).raise_for_status()
        except httpx2.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"ministack did not start: {(aws.folder / 'ministack.log').read_text()[-2000:]}")
