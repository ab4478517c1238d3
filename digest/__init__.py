"""Digest publishes a newsroom: an Atom feed, web pages and an e-mail digest from one folder of YAML."""

__version__ = "0.1.0"
