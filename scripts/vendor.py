"""`make vendor`: the web page's third-party files, fetched again from npm.

The packages are pinned by version and hash, and only what the page uses is kept of them. To take a
newer version, change both here: `npm view katex@VERSION dist.integrity` prints the hash. What each
package is, is written beside the assets in the form that scanners know, so that an image's list of
contents (SBOM) names it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ASSETS = Path(__file__).parent.parent / "daily_papers" / "views" / "assets"
VENDORED = ASSETS.with_name("vendored")
"""A `package.json` for each package, out of the way of what is published."""


@dataclass(frozen=True)
class Package:
    """A package of npm, and what is kept of it."""

    name: str
    version: str
    integrity: str
    """The hash of its archive, as in a lock file of npm."""
    folder: str
    """Where its files go, among the assets."""
    files: str
    """An expression for the paths that are kept; their last group is the path in the folder."""


PACKAGES = (
    Package(
        name="stemmer",
        version="2.0.1",
        integrity=(
            "sha512-bkWvSX2JR4nSZFfs113kd4C6X13bBBrg4fBKv2pVdzpdQI2LA5pZcWzTFNdkYsiUNl13E4EzymSRjZ0D"
            "55jBYg=="
        ),
        folder="stemmer",
        files=r"package/(license|index\.js)",
    ),
    Package(
        name="katex",
        version="0.19.1",
        integrity=(
            "sha512-jG8uKntjSEcm2EpQOh0XturpPuuC9r3Sq5HLHdsFdWZT27E672SF19QEi+of0/"
            "YeOy15lDgRhKvr5614uRrEfA=="
        ),
        folder="katex",
        files=r"package/(?:dist/)?(LICENSE|katex\.min\.(?:js|css)|fonts/[\w-]+\.woff2)",
    ),
    Package(
        name="@fontsource-variable/source-serif-4",
        version="5.3.1",
        integrity=(
            "sha512-4Rtay22SC4lMvw11r/+9kxANB6P3M0X8s1NudBC2v0J1KU2y3DcMoNcT3lBoZ/"
            "CqLirzf+StlO6UlJilyrvaUg=="
        ),
        folder="source-serif",
        files=r"package/(?:files/)?(LICENSE|source-serif-4-latin(?:-ext)?-wght-normal\.woff2)",
    ),
)


def main() -> None:
    """Writes the files of all packages in place of those that are there."""
    shutil.rmtree(VENDORED, ignore_errors=True)
    for package in PACKAGES:
        archive = _download(package)
        folder = ASSETS / package.folder
        shutil.rmtree(folder, ignore_errors=True)
        for name, data in _kept(package, archive):
            target = folder / name.replace("license", "LICENSE")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_woff2_only(data) if name.endswith(".css") else data)
            sys.stdout.write(f"{target.relative_to(ASSETS)}: {target.stat().st_size} bytes\n")
        about = VENDORED / package.folder / "package.json"
        about.parent.mkdir(parents=True, exist_ok=True)
        about.write_text(_about(archive), encoding="utf-8")


def _download(package: Package) -> bytes:
    """Returns the archive of a package, which must have the hash that is written down here."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{package.name}@{package.version}"
        subprocess.run(  # noqa: S603 - the names are those above
            ["npm", "pack", "--silent", wanted],  # noqa: S607 - whichever npm is installed
            cwd=folder,
            check=True,
            capture_output=True,
        )
        (file,) = Path(folder).iterdir()
        data = file.read_bytes()
    integrity = f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"
    if integrity != package.integrity:
        sys.exit(f"{wanted} has the hash {integrity}")
    return data


def _kept(package: Package, archive: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        for member in members:
            found = re.fullmatch(package.files, member.name)
            content = members.extractfile(member) if found else None
            if found and content:
                yield found[1], content.read()


def _about(archive: bytes) -> str:
    """Returns name, version and license of a package, as its `package.json` has them."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        content = members.extractfile("package/package.json")
        manifest = json.load(content) if content else {}
    about = {key: manifest[key] for key in ("name", "version", "license")}
    return json.dumps(about, indent=2) + "\n"


def _woff2_only(css: bytes) -> bytes:
    """Returns a stylesheet without the older formats of fonts; every browser reads WOFF2."""
    return re.sub(rb',url\([^)]*\) format\("(?:woff|truetype)"\)', b"", css)


if __name__ == "__main__":
    main()
