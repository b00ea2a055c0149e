"""Stands in until the model comes."""

from __future__ import annotations


def key_sentence(_title: str, abstract: str) -> str:
    """Returns the first sentence."""
    return abstract.partition(". ")[0]
