"""Where a repository can be seen on the web: the addresses that notices and pages link to."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

__all__ = ["Home"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A branch of a repository on GitHub's web site."""

    site: str
    """The web site, as in `https://github.com`."""
    name: str
    """The repository's full name, as in `octo/papers`."""
    branch: str
    """The branch; empty for the default branch."""

    @property
    def repository_url(self) -> str:
        """The address of the repository."""
        return f"{self.site.rstrip('/')}/{self.name}"

    def page_url(self, path: str) -> str:
        """Returns the address at which people see a file."""
        return self._url("blob", path)

    @property
    def issues_url(self) -> str:
        """The address of the repository's issues."""
        return f"{self.repository_url}/issues"

    def label_url(self, label: str) -> str:
        """Returns the address of all issues with a label, open or closed."""
        asked = f'is:issue label:"{label}"'
        return f"{self.issues_url}?{urlencode({'q': asked})}"

    def site_url(self, folder: str) -> str:
        """Returns the address at which GitHub Pages publishes a folder, if it is turned on.

        Pages publishes the folder `docs` of a branch as the root of the repository's site
        (https://docs.github.com/pages/getting-started-with-github-pages/configuring-a-publishing-source-for-your-github-pages-site).
        Any other folder is published by a workflow, and another host than github.com has a domain
        of its own for pages: both cannot be known here.

        Args:
            folder: its path in the repository.

        Returns:
            The address; empty where it cannot be known.
        """
        is_docs = folder.split("/", maxsplit=1)[0] == "docs"
        return self.published_url(f"{folder}/", folder) if is_docs else ""

    def raw_url(self, path: str) -> str:
        """Returns the address of a file itself, for programs."""
        return self._url("raw", path)

    def _url(self, kind: str, path: str) -> str:
        # GitHub resolves HEAD to the default branch.
        branch = self.branch or "HEAD"
        return f"{self.repository_url}/{kind}/{quote(branch)}/{quote(path)}"

    def published_url(self, path: str, site: str) -> str:
        """Returns the address at which GitHub Pages publishes a file; empty where that is unknown.

        https://docs.github.com/en/pages/getting-started-with-github-pages/what-is-github-pages

        Args:
            path: a file in the folder `site`.
            site: the folder of the web page. Pages publishes the folder `docs` of a branch; any
                other is published by a workflow, as docs/web-page.md shows.
        """
        owner, _, name = self.name.partition("/")
        root = "docs" if site == "docs" or site.startswith("docs/") else site
        if self.site.rstrip("/") != "https://github.com" or not path.startswith(f"{site}/"):
            return ""
        host = f"{owner.lower()}.github.io"
        folder = "" if name.lower() == host else f"{quote(name)}/"
        return f"https://{host}/{folder}{quote(path.removeprefix(f'{root}/'))}"
