"""Is anything that the lock files name known to be vulnerable?

    audit.py PIP_AUDIT LOCK_FILE

Exit codes: 0 nothing known, or one line that says why nobody could be asked; 1 something is known and listed.
Each service is asked about one package first: one that does not know that has no answer for the others.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SERVICES = ("pypi", "osv")
SECONDS = 15
"""How long one asking may take; two services and the whole file stay below a minute."""


def asked(program: str, service: str, requirements: str) -> list[Any]:
    """What the service says of each package in this hashed file; nothing if it does not answer in time."""
    command = [program, "--requirement", requirements, "--disable-pip", "--vulnerability-service", service]
    quiet = ["--timeout", "5", "--progress-spinner", "off", "--format", "json"]
    try:
        told = subprocess.run([*command, *quiet], capture_output=True, timeout=SECONDS, check=False).stdout
        found: list[Any] = json.loads(told)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return []
    return found


def first_of(requirements: Path) -> str:
    """The first package of the file with its hashes."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    rest = range(1, len(lines))
    end = next((number for number in rest if lines[number][:1].isalnum()), len(lines))
    return "\n".join(lines[:end]) + "\n"


def answered(packages: list[Any]) -> list[Any]:
    """Those the service knows."""
    return [each for each in packages if "skip_reason" not in each]


def audit(program: str, lock_file: Path) -> int:
    """Ask, print, and give the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.txt"
        sample.write_text(first_of(lock_file), encoding="utf-8")
        able = (service for service in SERVICES if answered(asked(program, service, str(sample))))
        service = next(able, None)
    packages = asked(program, service, str(lock_file)) if service else []
    known = answered(packages)
    if not known:
        print("audit skipped: no service for known vulnerabilities can be reached from here")
        return 0
    vulnerable = [each for each in known if each["vulns"]]
    for each in vulnerable:
        print(f"{each['name']} {each['version']}: {', '.join(one['id'] for one in each['vulns'])}")
    print(
        f"audit: {len(vulnerable)} of {len(known)} packages vulnerable, {len(packages) - len(known)} not known"
    )
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(audit(sys.argv[1], Path(sys.argv[2])))
