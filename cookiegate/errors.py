"""The base of Cookiegate's exceptions."""

__all__ = ["CookiegateError"]


class CookiegateError(Exception):
    """Base class of every exception that Cookiegate defines."""
