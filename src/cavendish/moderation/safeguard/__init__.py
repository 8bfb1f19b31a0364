"""The safeguards: what this service refuses to make whoever runs it, unless that is switched off on purpose.

They judge words alone, before any engine is called, and come with lists of words of their own: docs/moderation.md says
what they find and what they cannot.
"""
