"""`python -m daily_papers`: the same program as the action, with flags in place of inputs."""

from daily_papers.app import console

if __name__ == "__main__":
    console()
