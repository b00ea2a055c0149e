"""Daily Papers keeps the newest arXiv papers on your topics in a README, every day.

`daily_papers.app` tells the story from top to bottom; every other module is one idea of it.
"""

__version__ = "0.1.0"
REPOSITORY_URL = "https://github.com/daily-papers/daily-papers"
