"""Drawings of the page as SVG, made here so that the page needs nothing from outside."""
