"""What the container starts: one run of Daily Papers, configured by the workflow's inputs."""

from daily_papers.__main__ import console

if __name__ == "__main__":
    console()
