"""Hold the team's own files to the coverage that the team has set: `make test-all` runs this after the tests."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN_FILES = "app/tools/*,app/prompts/*,app/resources/*,app/shared/*,app/identity.py"
"""The server's own bound of 100 % leaves these out ([tool.coverage.report] in pyproject.toml)."""


def main() -> int:
    team = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"].get("team", {})
    percent = team.get("coverage", 0)
    coverage = str(Path(sys.executable).with_name("coverage"))
    # This --omit replaces the list in pyproject.toml. An empty one would not.
    report = [coverage, "report", f"--include={OWN_FILES}", "--omit=nothing", f"--fail-under={percent}"]
    status = subprocess.run(report, cwd=ROOT, check=False).returncode
    if status:
        print(
            f"The tests cover less than {percent} % of your own files. Test the lines above in tests/mine/, or "
            "set another coverage in [tool.team] of pyproject.toml.",
            file=sys.stderr,
        )
    return status


if __name__ == "__main__":
    sys.exit(main())
