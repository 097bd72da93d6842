"""Thin views: get, form, action, render."""
