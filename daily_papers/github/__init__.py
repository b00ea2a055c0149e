"""GitHub as the place that is read and written: the only rooms that know PyGithub."""
