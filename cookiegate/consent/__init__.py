"""Consent: the model, the terms under which it holds, the signed cookie, a choice."""
