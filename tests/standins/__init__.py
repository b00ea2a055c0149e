"""Stand-ins for arXiv and GitHub, on real loopback sockets and without any of the product's code.

Each module's docstring says what its stand-in imitates and what it does not. Run by hand with
`python -m tests.standins`, which prints their addresses.
"""
