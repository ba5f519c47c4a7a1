"""Whoever makes licences: commercial services, the operator's own servers, and FairPlay by hand."""
