"""Statements on their way to social media: cards, bundles to post, and the duty to take down what was posted."""
