"""Packs as files: PDF, Excel, PowerPoint."""
