"""Daily Papers keeps the newest arXiv papers on your topics in a README, every day.

`daily_papers.app` has the story of a run, from top to bottom. Every other module is one idea of it.
"""

__version__ = "0.1.0"
REPOSITORY_URL = "https://github.com/daily-papers/daily-papers"
