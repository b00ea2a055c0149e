# The packages are put together in a stage of their own: what installs them stays behind.
FROM python:3.13-slim-trixie AS build
COPY requirements/runtime.txt /requirements.txt
RUN ["python", "-m", "pip", "install", "--no-cache-dir", "--no-compile", "--no-deps", \
     "--only-binary", ":all:", "--require-hashes", "--target", "/daily-papers", \
     "--requirement", "/requirements.txt"]
COPY entrypoint.py /daily-papers/
# Commands that nobody calls, a package's tests, and what only a C compiler reads; Apprise's pictures
# and translations, and the C library with which YAML is read faster.
RUN ["find", "/daily-papers", "-regextype", "egrep", "-regex", \
     "/daily-papers/(apprise/(assets|cli.py|i18n)|bin|certifi/tests|click|lxml/includes)(/.*)?|\
.*\\.(pyx|pxi|h)|.*/_yaml\\..*\\.so", "-delete"]
COPY daily_papers /daily-papers/daily_papers
# Bytecode that is never checked against its source starts fastest, whatever the files' dates.
RUN ["python", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "/daily-papers"]

FROM python:3.13-slim-trixie
COPY --from=build /daily-papers /daily-papers
# -E and -s: neither the workflow's environment nor the mounted home may change what is imported.
ENTRYPOINT ["/usr/local/bin/python", "-E", "-s", "/daily-papers/entrypoint.py"]
