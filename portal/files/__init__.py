"""Attachments: type by content, kept outside the web root, handed out only to whom the owner's wing lets read."""
