import os
import subprocess
import sys

SPEAKER = "from infra.local.terminal import say; say('whoami ok ada…'); say('next')"


def test_what_the_terminal_has_no_letters_for_is_replaced() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SPEAKER],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == "whoami ok ada?\nnext\n"


def test_a_line_for_nobody_ends_the_process_as_a_signal_does() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen([sys.executable, "-c", SPEAKER], stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        _, complaint = process.communicate(timeout=120)

    assert (process.returncode, complaint) == (-15, b"")
