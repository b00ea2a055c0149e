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
# cffi's binary half, `_cffi_backend`, alone. Of Apprise its pictures and translations, and of PyYAML
# what reads faster.
RUN ["find", "/daily-papers", "-regextype", "egrep", "-regex", \
     "/daily-papers/(apprise/(assets|cli.py|i18n)|bin|certifi/tests|cffi|click|lxml/includes)(/.*)?|\
.*\\.(pyx|pxi|h)|.*/_yaml\\..*\\.so", "-delete"]
COPY daily_papers /daily-papers/daily_papers
# Bytecode that is never checked against its source starts fastest, whatever the files' dates.
RUN ["python", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "/daily-papers"]

FROM ${BASE}
COPY --from=build /daily-papers /daily-papers
# -E and -s: neither the workflow's environment nor the mounted home may change what is imported.
ENTRYPOINT ["/usr/local/bin/python", "-E", "-s", "/daily-papers/entrypoint.py"]
