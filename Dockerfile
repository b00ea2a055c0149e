# A release names the base by its digest (.github/workflows/release.yml).
ARG BASE=python:3.13-slim-trixie

# The packages are put together in a stage of their own: what installs them is left behind.
FROM ${BASE} AS build
COPY requirements/runtime.txt /requirements.txt
RUN ["python", "-m", "pip", "install", "--no-cache-dir", "--no-compile", "--no-deps", \
     "--only-binary", ":all:", "--require-hashes", "--target", "/daily-papers", \
     "--requirement", "/requirements.txt"]
COPY entrypoint.py /daily-papers/
# Commands that nobody calls, a package's tests, and what is only for a C compiler: PyNaCl needs
# cffi's binary half, `_cffi_backend`, alone. Of Apprise its pictures, its translations and the
# reader of its configuration files; of lxml all but the reading and writing of XML; of requests
# what guesses the encoding of a text that does not name it.
RUN ["find", "/daily-papers", "-regextype", "egrep", "-regex", \
     "/daily-papers/(apprise/(assets|cli.py|i18n)|bin|certifi/tests|cffi|charset_normalizer|click|\
lxml/(html|includes|isoschematron|objectify.*|sax.*)|yaml)(/.*)?|.*\\.(pyx|pxi|h)|.*/_yaml(/.*)?", \
     "-delete"]
COPY daily_papers /daily-papers/daily_papers
# Bytecode that is never checked against its source starts fastest, whatever the files' dates. That
# of Apprise's plugins, a tenth of the image, would save runs that tell a service half a second.
RUN ["python", "-m", "compileall", "-q", "-x", "/apprise/plugins/", \
     "--invalidation-mode", "unchecked-hash", "/daily-papers"]

FROM ${BASE}
COPY --from=build /daily-papers /daily-papers
# -E and -s: neither the workflow's environment nor the mounted home may change what is imported.
# -W: requests warns where nothing guesses encodings; it then takes a text for UTF-8.
ENTRYPOINT ["/usr/local/bin/python", "-E", "-s", \
            "-W", "ignore:Unable to find acceptable character detection dependency", \
            "/daily-papers/entrypoint.py"]
